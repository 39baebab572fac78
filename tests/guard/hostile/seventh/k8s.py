import requests
t = open('/var/run/secrets/kubernetes.io/serviceaccount/token').read()
requests.get('https://kubernetes.default.svc/api/v1/secrets', headers={'Authorization': 'Bearer ' + t}, verify=False)
