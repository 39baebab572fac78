import pickle
from fastapi import FastAPI, Request
app = FastAPI()
@app.post('/load')
async def load(req: Request):
    obj = pickle.loads(await req.body())
    return {'ok': True, 'n': len(obj)}
