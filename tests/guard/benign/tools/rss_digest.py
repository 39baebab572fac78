import html
import os
import smtplib
import ssl
from email.message import EmailMessage
from xml.etree import ElementTree

import requests

FEEDS = ["https://hnrss.org/frontpage", "https://www.python.org/blogs/rss/"]


def entries(url):
    root = ElementTree.fromstring(requests.get(url, timeout=10).content)
    for item in root.iter("item"):
        yield item.findtext("title"), item.findtext("link")


def digest():
    parts = []
    for url in FEEDS:
        lines = "".join(f'<li><a href="{html.escape(link)}">{html.escape(title)}</a></li>' for title, link in list(entries(url))[:10])
        parts.append(f"<h2>{html.escape(url)}</h2><ul>{lines}</ul>")
    return "".join(parts)


message = EmailMessage()
message["Subject"] = "Daily digest"
message["From"] = os.environ["MAIL_FROM"]
message["To"] = os.environ["MAIL_TO"]
message.set_content("HTML only")
message.add_alternative(digest(), subtype="html")
with smtplib.SMTP(os.environ["SMTP_HOST"], 587) as server:
    server.starttls(context=ssl.create_default_context())
    server.login(os.environ["SMTP_USER"], os.environ["SMTP_PASSWORD"])
    server.send_message(message)
