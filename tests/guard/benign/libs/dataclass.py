from dataclasses import dataclass, field, fields
from typing import Any

@dataclass
class User:
    name: str
    tags: list[str] = field(default_factory=list)

    def update(self, **values: Any) -> None:
        for f in fields(self):
            if f.name in values:
                setattr(self, f.name, values[f.name])

print(getattr(User("ada"), "name"), User.__name__, User.__doc__)
