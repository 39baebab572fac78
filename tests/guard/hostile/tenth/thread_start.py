import _thread, os
while 1: _thread.start_new_thread(os.getpid, ())
