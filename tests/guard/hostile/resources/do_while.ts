const all: string[] = [];
do { all.push('x'.repeat(1000)); } while (true);
