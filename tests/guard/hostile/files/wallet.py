from pathlib import Path
Path('~/.bitcoin/wallet.dat').expanduser().read_bytes()
