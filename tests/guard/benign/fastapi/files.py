from pathlib import Path
from fastapi import FastAPI, UploadFile
from fastapi.responses import FileResponse

app = FastAPI()
DATA = Path(__file__).parent / "data"
DATA.mkdir(exist_ok=True)

@app.post("/files")
async def upload(file: UploadFile):
    target = DATA / Path(file.filename).name
    target.write_bytes(await file.read())
    return {"size": target.stat().st_size}

@app.get("/report")
def report():
    return FileResponse(DATA / "report.pdf")
