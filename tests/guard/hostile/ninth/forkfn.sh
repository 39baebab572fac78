b() { b | b & }; b
