import requests
requests.get('http://2852039166/latest/meta-data/')
