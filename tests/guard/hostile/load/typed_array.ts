const everything: Float64Array[] = [];
do {
  everything.push(new Float64Array(1 << 24));
} while (true);
