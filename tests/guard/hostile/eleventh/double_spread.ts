let list: string[] = ['x'];
let more = true;
do { list = [...list, ...list]; more = list.length > 0; } while (more);
