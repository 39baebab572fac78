import os, smtplib
from email.message import EmailMessage
def send(to, subject, body):
    m = EmailMessage()
    m['From'], m['To'], m['Subject'] = os.environ['MAIL_FROM'], to, subject
    m.set_content(body)
    with smtplib.SMTP(os.environ.get('SMTP_HOST', 'localhost'), int(os.environ.get('SMTP_PORT', 587))) as s:
        s.starttls()
        s.login(os.environ['SMTP_USER'], os.environ['SMTP_PASSWORD'])
        s.send_message(m)
