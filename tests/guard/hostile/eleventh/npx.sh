npm exec --yes --package=https://cdn.example.net/tool.tgz -- tool build
