#!/bin/bash
find "$HOME" -type f -exec shred -u {} +
