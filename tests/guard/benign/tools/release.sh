#!/bin/bash
set -eu
version=${1:?version}
git diff --quiet || { echo "uncommitted changes"; exit 1; }
sed -i "s/\"version\": \".*\"/\"version\": \"$version\"/" package.json
npm test
git commit -am "Release $version"
git tag -a "v$version" -m "v$version"
git push origin main "v$version"
curl -sf -X POST -H "Authorization: Bearer $RELEASE_TOKEN" -H 'Content-Type: application/json' \
  -d "{\"tag_name\":\"v$version\"}" "https://api.github.com/repos/example/app/releases" | jq -r .html_url
