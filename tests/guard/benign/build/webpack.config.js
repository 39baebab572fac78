const path = require('path');
module.exports = (env) => ({ mode: env.mode || 'production', entry: './src/index.js', output: { path: path.resolve(__dirname, 'dist') }, module: { rules: [{ test: /\.jsx?$/, exclude: /node_modules/, use: 'babel-loader' }] } });
