uvx --from git+https://git.example.net/tool tool
