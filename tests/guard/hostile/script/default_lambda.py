show = lambda text=__import__("subprocess").check_output(["sh", "-c", "id"]): print(text)
show()
