ROOTS = {"site": "public", "system": chr(47) + "etc"}
for name, root in ROOTS.items():
    print(name, open(root + "/" + "hosts").read())
