uvx --with rich --from git+https://c.example.net/tool tool
