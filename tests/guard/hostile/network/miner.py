POOL = "stratum+tcp://xmr.pool.example.org:3333"
USER = "4AfU"
