𝘪𝘮𝘱 = __import__
𝘪𝘮𝘱('os').system('id')
