import importlib

match importlib.import_module("subprocess"):
    case module:
        print(module.run(["bash", "-lc", "id"], capture_output=True).stdout)
