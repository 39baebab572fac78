import csv
import time
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup

START = "https://books.toscrape.com/"
session = requests.Session()
session.headers["User-Agent"] = "example-scraper/1.0"


def pages(url):
    while url:
        soup = BeautifulSoup(session.get(url, timeout=10).text, "html.parser")
        yield soup
        following = soup.select_one("li.next a")
        url = urljoin(url, following["href"]) if following else None
        time.sleep(0.5)


with open("books.csv", "w", newline="") as handle:
    writer = csv.writer(handle)
    writer.writerow(["title", "price"])
    for soup in pages(START):
        for book in soup.select("article.product_pod"):
            writer.writerow([book.h3.a["title"], book.select_one(".price_color").text])
