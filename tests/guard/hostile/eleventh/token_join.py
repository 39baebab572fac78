A, B = "sk_live_51HqLyjW", "DarjtT1zdp7dcQ9rXhGz"
HEADERS = {"Authorization": "Bearer " + A + B}
