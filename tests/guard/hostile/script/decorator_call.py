import os


@os.system
@lambda made: "id > /tmp/x"
def report():
    """Looks harmless."""
