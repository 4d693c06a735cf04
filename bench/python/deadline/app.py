"""The application: FastAPI under uvicorn, one process, one loop. Prints its port, and ends with its standard input.

Each page is awaited by its handler and, beside it, by a task that only sleeps until the same instant: what any program
in this loop would have to wait for, however late the loop is.
"""

import argparse
import asyncio
import json
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

import uvicorn
from fastapi import FastAPI

from deadline.fetchers import FETCHERS, FetchPage
from deadline.page import Page


class Pages:
    """The pages of one measurement."""

    def __init__(self, fetch_page: FetchPage, keys: int, budget_s: float) -> None:
        self._fetch_page = fetch_page
        self._keys = keys
        self._budget_s = budget_s
        self._controls: set[asyncio.Task[None]] = set()
        self.pages: list[Page] = []

    async def fetch(self, number: int) -> Page:
        page = Page(self._keys)
        deadline = time.monotonic() + self._budget_s
        control = asyncio.create_task(sleep_until(deadline, page))
        self._controls.add(control)
        control.add_done_callback(self._controls.discard)
        first = number * self._keys
        keys = [f"o{(first + i) % 10_000}" for i in range(self._keys)]
        page.delivered = await self._fetch_page(keys, deadline - time.monotonic())
        page.handler_late_s = time.monotonic() - deadline
        self.pages.append(page)
        return page

    async def taken(self) -> list[Page]:
        """All that has ended, with their controls; begins anew."""
        await asyncio.gather(*self._controls)
        pages, self.pages = self.pages, []
        return pages


async def sleep_until(deadline: float, page: Page) -> None:
    await asyncio.sleep(deadline - time.monotonic())
    page.control_late_s = time.monotonic() - deadline


def make_app(arguments: argparse.Namespace) -> FastAPI:
    state: dict[str, Pages] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with FETCHERS[arguments.fetcher](arguments.origin, arguments.connections) as fetch_page:
            state["pages"] = Pages(fetch_page, arguments.keys, arguments.budget)
            yield

    app = FastAPI(lifespan=lifespan)

    async def page(number: int) -> dict[str, int]:
        return {"delivered": (await state["pages"].fetch(number)).delivered}

    async def report() -> list[dict[str, float | None]]:
        return [asdict(page) for page in await state["pages"].taken()]

    app.add_api_route("/page/{number}", page)
    app.add_api_route("/report", report)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fetcher", choices=FETCHERS, required=True)
    parser.add_argument("--origin", required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--keys", type=int, required=True)
    parser.add_argument("--budget", type=float, required=True)
    parser.add_argument("--loop", default="asyncio")
    arguments = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(arguments),
            loop=arguments.loop,
            log_level="error",
            access_log=False,
            timeout_keep_alive=3600,  # the load generator keeps its connections for the whole run
        )
    )

    def end_with_input() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=end_with_input, daemon=True).start()
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
