import logging
import logging.handlers
log = logging.getLogger("app")
log.addHandler(logging.handlers.RotatingFileHandler("app.log", maxBytes=100_000, backupCount=3))
log.setLevel(logging.DEBUG)
for name, value in vars(logging).items():
    if name.isupper() and isinstance(value, int):
        log.debug("%s=%d", name, value)
