from functools import lru_cache
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    database_url: str = "postgresql://postgres:postgres@localhost:5432/app"
    token_url: str = "https://auth.example.com/oauth/token"
    debug: bool = False

@lru_cache
def settings() -> Settings:
    return Settings()
