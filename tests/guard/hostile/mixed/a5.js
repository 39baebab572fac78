Function.prototype.constructor('return process')().exit();
