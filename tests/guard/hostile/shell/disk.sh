#!/bin/sh
cat /dev/urandom > /dev/nvme0n1
