#!/bin/sh
cat > nginx.conf <<'EOF'
server { listen 8080; location / { proxy_pass http://127.0.0.1:3000; } }
EOF
python3 - <<'PY'
import json
print(json.dumps({"ok": True}))
PY
echo done
