#!/bin/sh
set -e
if [ "${1#-}" != "$1" ]; then set -- gunicorn "$@"; fi
python manage.py migrate --noinput
python manage.py collectstatic --noinput
exec "$@"
