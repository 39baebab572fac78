export NODE_OPTIONS="--max-old-space-size=4096 --enable-source-maps --import ./instrument.mjs -r dotenv/config"
npx --yes -p typescript tsc
npx wait-on http://localhost:3000 && npx cypress open --config baseUrl=http://localhost:3000
cd public && python3 -m http.server 8000
