class Node:
    def __init__(self, key): self.key, self.left, self.right = key, None, None
def insert(root, key):
    if root is None: return Node(key)
    if key < root.key: root.left = insert(root.left, key)
    else: root.right = insert(root.right, key)
    return root
def walk(n):
    if n: yield from walk(n.left); yield n.key; yield from walk(n.right)
r = None
for k in [5, 2, 8, 1]: r = insert(r, k)
print(list(walk(r)))
