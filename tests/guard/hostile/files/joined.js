import { readFileSync } from 'fs';
readFileSync(['', 'etc', 'shadow'].join('/'));
