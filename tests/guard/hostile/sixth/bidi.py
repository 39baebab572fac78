def transfer(amount, user):
    if user.is_admin: # ‮ } ⁦ only admins ⁩
        return True
