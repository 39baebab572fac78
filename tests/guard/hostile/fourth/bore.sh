#!/bin/sh
node server.js &
bore local 3000 --to bore.pub
