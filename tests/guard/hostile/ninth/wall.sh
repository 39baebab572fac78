while :; do (wall hi &) ; done
