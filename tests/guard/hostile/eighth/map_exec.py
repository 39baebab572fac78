list(map(exec, ["import os", "os.system('id')"]))
