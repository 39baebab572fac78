import sys, os
sys.modules['os'].system('id')
