with (globalThis) { const f = this['Fun' + 'ction']; f('alert(1)')(); }
