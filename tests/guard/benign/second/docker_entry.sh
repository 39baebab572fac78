#!/bin/sh
set -e
if [ "$1" = "web" ]; then
  python manage.py migrate --noinput
  python manage.py collectstatic --noinput
  exec gunicorn site.wsgi -b "0.0.0.0:${PORT:-8000}"
fi
exec "$@"
