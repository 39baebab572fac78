engine = create_engine("postgresql://svc_app:Tz81kQm3vR@db-prod.example.net:5432/main")
