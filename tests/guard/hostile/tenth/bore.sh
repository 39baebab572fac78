cargo install bore-cli && bore local 3000 --to bore.pub
