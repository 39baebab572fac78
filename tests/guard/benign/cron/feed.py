import sqlite3
import time
import feedparser
import schedule

def update():
    feed = feedparser.parse("https://hnrss.org/frontpage")
    with sqlite3.connect("feed.db") as db:
        db.executemany("INSERT OR IGNORE INTO items VALUES (?, ?)", [(e.link, e.title) for e in feed.entries])

schedule.every(15).minutes.do(update)
while True:
    schedule.run_pending()
    time.sleep(1)
