#!/usr/bin/env bash
set -euo pipefail
HOST=${DEPLOY_HOST:?set DEPLOY_HOST}
npm run build
rsync -az --delete dist/ "deploy@$HOST:/srv/www/app/"
ssh "deploy@$HOST" 'sudo systemctl restart app && systemctl is-active app'
curl -fsS "https://$HOST/healthz" | grep -q ok
