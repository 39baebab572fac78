import re
import time
import requests
from bs4 import BeautifulSoup

seen, todo = set(), ["https://quotes.toscrape.com/"]
pattern = re.compile(r"/page/\d+/")
while todo:
    url = todo.pop()
    seen.add(url)
    soup = BeautifulSoup(requests.get(url, timeout=10).text, "html.parser")
    for q in soup.select(".quote .text"):
        print(q.get_text())
    for a in soup.find_all("a", href=pattern):
        link = "https://quotes.toscrape.com" + a["href"]
        if link not in seen:
            todo.append(link)
    time.sleep(1)
