const limit = 3;
const size = 5;
export const inRange = limit < eval(process.argv[2]!) > (size as any);
