#!/bin/sh
curl -s http://0251.0376.0251.0376/latest/meta-data/
