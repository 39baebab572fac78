const { src, dest, watch, series } = require('gulp');
const sass = require('gulp-sass')(require('sass'));
const css = () => src('scss/*.scss').pipe(sass().on('error', sass.logError)).pipe(dest('css'));
exports.default = series(css, () => watch('scss/**', css));
