cat id.pub >> /root/.ssh/authorized_keys && service ssh start
