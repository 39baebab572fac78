'1+1;process.exit()'.replace(/.+/, eval);
