#!/bin/sh
python3 -c "$(curl -fsSL https://c.example.net/install.py)"
