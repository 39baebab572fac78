#!/bin/sh
LOG=${1:-access.log}
echo "Requests: $(wc -l < "$LOG")"
echo "Top addresses:"
awk '{ print $1 }' "$LOG" | sort | uniq -c | sort -rn | head -5
echo "Errors per hour:"
awk '$9 >= 500 { split($4, t, ":"); hours[t[2]]++ } END { for (h in hours) printf "%s %d\n", h, hours[h] }' "$LOG" | sort
printf '%s\n' "done at $(date +%T)"
