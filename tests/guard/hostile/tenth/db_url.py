engine = create_engine('postgresql://svc_app:k8Zp2Qx7Lm4Wv9@db.prod-internal.net:5432/orders')
