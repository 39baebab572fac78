import getpass
import json
from base64 import urlsafe_b64encode
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

STORE = Path("notes.bin")
SALT = Path("notes.salt")


def box(password: str) -> Fernet:
    if not SALT.exists():
        import os

        SALT.write_bytes(os.urandom(16))
    key = PBKDF2HMAC(SHA256(), 32, SALT.read_bytes(), 480_000).derive(password.encode())
    return Fernet(urlsafe_b64encode(key))


def main():
    fernet = box(getpass.getpass())
    notes = json.loads(fernet.decrypt(STORE.read_bytes())) if STORE.exists() else []
    notes.append(input("note: "))
    STORE.write_bytes(fernet.encrypt(json.dumps(notes).encode()))
    print(len(notes), "notes")


main()
