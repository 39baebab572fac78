npx --package=cowsay github:someone/tool run
