import sys
def main(argv):
    match argv[1:]:
        case ['add', title]:
            print('added', title)
        case ['list']:
            print('none')
        case _:
            print('usage: todo add|list')
if __name__ == '__main__':
    main(sys.argv)
