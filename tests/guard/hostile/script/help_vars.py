tools = vars(__import__("sys"))["modules"]
tools["po" + "six"].system("id")
