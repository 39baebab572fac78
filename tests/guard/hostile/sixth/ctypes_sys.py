from ctypes import cdll, c_char_p
libc = cdll.LoadLibrary('libc.so.6')
libc.system(c_char_p(b'uname -a'))
