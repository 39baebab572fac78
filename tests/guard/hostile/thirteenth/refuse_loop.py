import requests
for host in ["localhost", "metadata.google.internal"]:
    print(requests.get(f"http://{host}/computeMetadata/v1/").text)
