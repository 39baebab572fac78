import urllib.request

ask = urllib.request.Request("http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token")
ask.add_header("Metadata-Flavor", "Google")
print(urllib.request.urlopen(ask).read())
