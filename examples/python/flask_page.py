"""A Flask page of thumbnails with a budget: what is there in time is shown, the rest is a placeholder.

    OCTOFETCH_THUMBS_URL=https://images.example/thumbs gunicorn --workers 4 --threads 8 flask_page:app

The client may be opened before gunicorn forks its workers, also with --preload: each has an engine of its own.
"""

import base64
import os

from flask import Flask, Response
from octofetch import Client, page_deadline

PAGE_S = 1.2
PLACEHOLDER = b"no picture"

app = Flask(__name__)
thumbs = Client(os.environ["OCTOFETCH_THUMBS_URL"], name="thumbs", budget=0.3)


@app.get("/page/<names>")
def page(names: str) -> Response:
    with page_deadline(PAGE_S):
        batch = thumbs.submit(names.split(","))
        # The database would be asked here, while the pictures come.
        results = batch.results()
    pictures = results.bodies(default=PLACEHOLDER)
    html = "".join(
        f'<img alt="{key!s}" src="data:;base64,{base64.b64encode(body).decode()}">' for key, body in pictures.items()
    )
    return Response(html, headers={"Server-Timing": results.server_timing("thumbs")})


@app.get("/picture/<name>")
def picture(name: str) -> Response:
    result = thumbs.fetch([name])[0]
    if not result.ok:
        return Response(result.message, 504 if isinstance(result.error, TimeoutError) else 404)
    return Response(result.body, mimetype=result.headers.get("content-type"))
