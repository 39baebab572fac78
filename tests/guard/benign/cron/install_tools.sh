#!/bin/bash
sudo apt-get update && sudo apt-get install -y ffmpeg jq
python3 -m venv .venv && . .venv/bin/activate
pip install -r requirements.txt
export PATH="$HOME/.local/bin:$PATH"
eval "$(pyenv init -)"
