import re
import urllib.request

ROLE = re.compile('http://169.254.169.254/latest/meta-data/iam/')
print(urllib.request.urlopen(ROLE.pattern).read())
