import asyncio
import json
import os
import weakref

from aiohttp import WSMsgType, web

routes = web.RouteTableDef()


@routes.get("/")
async def page(_request):
    return web.FileResponse("index.html")


@routes.get("/ws")
async def chat(request):
    socket = web.WebSocketResponse(heartbeat=30)
    await socket.prepare(request)
    request.app["sockets"].add(socket)
    async for message in socket:
        if message.type == WSMsgType.TEXT:
            data = json.loads(message.data)
            text = json.dumps({"name": data.get("name", "?")[:20], "text": data.get("text", "")[:500]})
            await asyncio.gather(*(other.send_str(text) for other in set(request.app["sockets"])), return_exceptions=True)
        elif message.type == WSMsgType.ERROR:
            break
    request.app["sockets"].discard(socket)
    return socket


def make():
    app = web.Application()
    app["sockets"] = weakref.WeakSet()
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    web.run_app(make(), port=int(os.getenv("PORT", "8000")))
