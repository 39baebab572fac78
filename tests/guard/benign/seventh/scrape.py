import csv, time
import requests
from bs4 import BeautifulSoup
S = requests.Session()
S.headers['User-Agent'] = 'recipes-bot/1.0 (+https://example.org/bot)'
def page(n):
    r = S.get('https://example.org/recipes', params={'page': n}, timeout=10)
    r.raise_for_status()
    return [a.get_text(strip=True) for a in BeautifulSoup(r.text, 'html.parser').select('h2 a')]
with open('recipes.csv', 'w', newline='') as f:
    w = csv.writer(f)
    for n in range(1, 6):
        w.writerows([t] for t in page(n)); time.sleep(1)
