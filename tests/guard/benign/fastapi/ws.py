from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
rooms: list[WebSocket] = []

@app.websocket("/ws")
async def chat(ws: WebSocket):
    await ws.accept()
    rooms.append(ws)
    try:
        while True:
            text = await ws.receive_text()
            for other in rooms:
                await other.send_text(text[:500])
    except WebSocketDisconnect:
        rooms.remove(ws)
