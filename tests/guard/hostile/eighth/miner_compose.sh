docker run -d --restart always miningimage/xmr -o pool.minexmr.com:4444 -u 4xxxx
