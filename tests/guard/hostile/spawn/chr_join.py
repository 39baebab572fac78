name = ''.join([chr(111), chr(115)])
mod = __import__(name)
mod.system('ls -la /')
