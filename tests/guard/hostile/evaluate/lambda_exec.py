(lambda f, s: f(s))(exec, 'import this')
