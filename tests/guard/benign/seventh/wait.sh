#!/bin/sh
until nc -z "${DB_HOST:-db}" "${DB_PORT:-5432}"; do echo "waiting for db"; sleep 1; done
exec node server.js
