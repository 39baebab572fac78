access = 'user'
if access != 'none‮⁦': # check⁩
    print('in')
