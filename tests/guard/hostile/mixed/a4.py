import os as o
o.__getattribute__('system')('id')
