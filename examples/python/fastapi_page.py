"""A FastAPI page whose objects come from two places by one deadline, and a probe that warms connections.

    OCTOFETCH_THUMBS_URL=https://images.example/thumbs uvicorn fastapi_page:app

The client needs no event loop when it is opened, and serves each loop that awaits it.
"""

import asyncio
import os

from fastapi import FastAPI, Response
from octofetch import Client, Deadline, Get, WarmError

thumbs = Client(os.environ["OCTOFETCH_THUMBS_URL"], name="thumbs")
app = FastAPI()


@app.get("/page/{names}")
async def page(names: str, response: Response) -> dict[str, object]:
    until = Deadline.after(0.3)
    pictures, texts = await asyncio.gather(
        thumbs.aio.fetch(names.split(","), deadline=until),
        thumbs.aio.fetch([Get("page.json", priority="required")], deadline=until),
    )
    response.headers["Server-Timing"] = pictures.server_timing("thumbs")
    return {
        "sizes": {str(result.key): len(result.body) for result in pictures.succeeded},
        "late": [str(result.key) for result in pictures.late],
        "title": texts[0].json()["title"] if texts[0].ok else None,
    }


@app.get("/picture/{name}")
async def picture(name: str) -> Response:
    result = (await thumbs.aio.fetch([name], budget=0.3))[0]
    return Response(result.body, headers={"etag": result.headers["etag"]}) if result.ok else Response(status_code=504)


@app.get("/ready")
async def ready(response: Response) -> str:
    try:
        await asyncio.to_thread(thumbs.warm, 4, 2.0)
    except WarmError as error:
        response.status_code = 503
        return str(error)
    return "ready"
