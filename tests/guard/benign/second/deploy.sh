#!/usr/bin/env bash
set -euo pipefail
: "${HOST:?}" "${APP:=web}"
npm ci && npm run build
tar czf "/tmp/$APP.tgz" dist package.json
scp "/tmp/$APP.tgz" "deploy@$HOST:/srv/$APP/"
ssh "deploy@$HOST" "cd /srv/$APP && tar xzf $APP.tgz && npm ci --omit=dev && pm2 reload $APP"
rm -f "/tmp/$APP.tgz"
trap 'echo "deployed $APP"' EXIT
