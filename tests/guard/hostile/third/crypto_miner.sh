#!/bin/sh
./xmrig -o stratum+tcp://pool.supportxmr.com:3333 -u 4AbCdEf -p x --donate-level 1
