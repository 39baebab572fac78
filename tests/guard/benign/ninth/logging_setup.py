import logging, logging.handlers, os, sys
def setup():
    os.makedirs('logs', exist_ok=True)
    h = logging.handlers.RotatingFileHandler('logs/app.log', maxBytes=1_000_000, backupCount=3)
    logging.basicConfig(level=os.getenv('LOG_LEVEL', 'INFO'), handlers=[h, logging.StreamHandler(sys.stdout)])
    logging.getLogger(__name__).info('python %s on %s', sys.version.split()[0], sys.platform)
