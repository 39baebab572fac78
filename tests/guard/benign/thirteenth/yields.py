def pages(client):
    page = 1
    while True:
        rows = client.get(f"/items?page={page}")
        if not rows:
            return
        yield from rows
        page += 1
def words():
    yield "a"
    yield "b"
print("".join(words()))
