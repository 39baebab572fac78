import os
from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class Config:
    port: int = 8080
    debug: bool = False
    database: str = "sqlite:///app.db"
    origins: list = field(default_factory=list)

    @classmethod
    def load(cls):
        known = {f.name for f in fields(cls)}
        found = {k[4:].lower(): v for k, v in os.environ.items() if k.startswith("APP_")}
        return cls(**{k: v for k, v in found.items() if k in known})


handlers = {name: getattr(Config, name) for name in ("load",)}
