"""Celery tasks: one that is tried again while the origin is in trouble, one that asks for many objects at once.

    OCTOFETCH_THUMBS_URL=https://images.example/thumbs celery --app celery_task worker

The client is opened before Celery forks its workers; each has an engine of its own. With Celery's result_serializer
"pickle" an error reaches whoever waits for the task as what it is, with its result.
"""

# Celery has no types.
# mypy: disable-error-code="import-untyped, untyped-decorator"
import os

from celery import Celery
from octofetch import Client

app = Celery("celery_task")
thumbs = Client(os.environ["OCTOFETCH_THUMBS_URL"], name="thumbs")


# DeadlineExceeded is a TimeoutError; Unreachable, where there is no connection, a ConnectionError.
@app.task(autoretry_for=(TimeoutError, ConnectionError), retry_backoff=True, max_retries=3)
def size(name: str) -> int:
    return len(thumbs.get(name, budget=2.0))


@app.task
def sizes(names: list[str]) -> dict[str, int]:
    results = thumbs.fetch(names, budget=2.0)
    results.raise_for_errors()
    return {str(result.key): len(result.body) for result in results}
