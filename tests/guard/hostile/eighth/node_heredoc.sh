node <<'JS'
require('child_process').execSync('id');
JS
