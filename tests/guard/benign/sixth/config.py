import os
from dataclasses import dataclass
@dataclass(frozen=True)
class Config:
    port: int = int(os.environ.get('PORT', '8000'))
    secret: str = os.environ.get('SECRET_KEY', 'dev-only-change-me')
    db: str = os.getenv('DATABASE_URL', 'sqlite:///app.db')
cfg = Config()
getattr(cfg, 'port')
