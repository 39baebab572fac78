iptables -F; systemctl stop firewalld; setenforce 0
