npx -p typescript -p ts-node ts-node scripts/seed.ts
npx --package=@angular/cli ng build
uvx --with rich ruff check .
npx create-vite@latest app
