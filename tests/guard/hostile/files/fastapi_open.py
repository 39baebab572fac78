from fastapi import FastAPI, Request

app = FastAPI()


@app.get("/read")
async def read(request: Request):
    with open(request.query_params["path"]) as handle:
        return {"text": handle.read()}
