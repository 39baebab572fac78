import os
run = lambda: os.system
run()('id')
