counter: __import__("os").system("id") = 0


def main() -> None:
    print(counter)


main()
