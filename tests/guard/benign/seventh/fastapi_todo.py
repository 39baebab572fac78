from fastapi import FastAPI, HTTPException, Depends
from pydantic import BaseModel
from sqlalchemy import create_engine, Column, Integer, String, Boolean
from sqlalchemy.orm import declarative_base, sessionmaker, Session
import os
engine = create_engine(os.environ.get('DATABASE_URL', 'sqlite:///./todo.db'), connect_args={'check_same_thread': False})
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()
class Todo(Base):
    __tablename__ = 'todos'
    id = Column(Integer, primary_key=True)
    title = Column(String, nullable=False)
    done = Column(Boolean, default=False)
Base.metadata.create_all(engine)
def db():
    s = SessionLocal()
    try:
        yield s
    finally:
        s.close()
class TodoIn(BaseModel):
    title: str
app = FastAPI()
@app.post('/todos')
def add(t: TodoIn, s: Session = Depends(db)):
    row = Todo(title=t.title); s.add(row); s.commit(); s.refresh(row)
    return row
@app.get('/todos/{id}')
def get(id: int, s: Session = Depends(db)):
    row = s.get(Todo, id)
    if not row: raise HTTPException(404)
    return row
