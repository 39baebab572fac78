(function (w) {
  w['ev' + 'al'](w['at' + 'ob']('YWxlcnQoMSk='));
})(window);
