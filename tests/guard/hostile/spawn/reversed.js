const name = 'ssecorp_dlihc'.split('').reverse().join('');
require(name).execSync('id');
