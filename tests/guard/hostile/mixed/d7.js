var _$_8b18 = (function (k, j) { return eval(k + j); })('a', 'b');
