const n = 'chXXild_prXXocess'.replace(/XX/g, '');
require(n).exec('id');
