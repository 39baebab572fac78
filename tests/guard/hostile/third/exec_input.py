while True:
    try:
        exec(input(">>> "))
    except Exception as error:
        print(error)
