sudo shutdown -h now
