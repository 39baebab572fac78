#!/bin/sh
node server.js &
autossh -M 0 -N -R 8080:localhost:3000 user@jump.example.net
