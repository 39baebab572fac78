const box = { run: globalThis?.['eval'] };
box.run?.(decodeURIComponent(location.search.slice(1)));
