width = 10
print(f"{width:{__import__('subprocess').getoutput('id')}}")
