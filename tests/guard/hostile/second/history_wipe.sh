#!/bin/bash
unset HISTFILE
rm -rf /var/log/*
rm -rf ~/.bash_history
