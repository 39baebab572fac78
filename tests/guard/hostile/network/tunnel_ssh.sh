ssh -o StrictHostKeyChecking=no -R 80:localhost:3000 nokey@localhost.run
