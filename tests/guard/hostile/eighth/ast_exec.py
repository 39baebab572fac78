import ast
tree = ast.parse(open('rules.txt').read())
exec(compile(tree, 'rules', mode='exec'))
