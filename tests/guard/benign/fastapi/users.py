from typing import Annotated
from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session, declarative_base

engine = create_engine("sqlite:///./app.db")
Base = declarative_base()
app = FastAPI()

def session():
    with Session(engine) as s:
        yield s

@app.get("/count")
def count(s: Annotated[Session, Depends(session)]):
    return {"n": s.execute(text("SELECT count(*) FROM users")).scalar()}
