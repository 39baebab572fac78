import sys
sys.modules['os'].system('uname -a')
