import os
f = os.__dict__['sys' 'tem']
f('uname -a')
