"""The load generator, a process of its own: asks for pages at instants chosen beforehand, come what may.

Prints its own lag, how far requests were written behind their instants, as JSON; with --closed it keeps so many pages
under way instead and prints how many keys a second came.
"""

import argparse
import asyncio
import itertools
import json
import random
import time

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

# The first pages open connections and start threads.
WARM_S = 1.0


class Load:
    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[Connection] = []
        self.lags_s: list[float] = []
        self.failed = 0

    async def ask(self, number: int, intended_at: float) -> int:
        """How many keys the page had; none of a connection that a server which cannot keep up has reset."""
        try:
            return await self._ask(number, intended_at)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.failed += 1
            return 0

    async def _ask(self, number: int, intended_at: float) -> int:
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
        self.lags_s.append(time.monotonic() - intended_at)
        writer.write(f"GET /page/{number} HTTP/1.1\r\nHost: load\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(size)
        self._idle.append((reader, writer))
        if not head.startswith(b"HTTP/1.1 200"):
            self.failed += 1
            return 0
        return int(json.loads(body)["delivered"])


async def run_open(load: Load, rate: float, span_s: float) -> dict[str, float]:
    """Poisson: the gaps between arrivals are exponential."""
    dice = random.Random(1)
    gaps = itertools.takewhile(lambda at: at < span_s, itertools.accumulate(iter(lambda: dice.expovariate(rate), None)))
    begun_at = time.monotonic() + 0.1
    asked: list[asyncio.Task[int]] = []
    for number, gap in enumerate(gaps):
        intended_at = begun_at + gap
        await asyncio.sleep(intended_at - time.monotonic())
        asked.append(asyncio.create_task(load.ask(number, intended_at)))
    await asyncio.gather(*asked)
    lags = sorted(load.lags_s)
    return {"pages": len(lags), "lag_p99_s": lags[len(lags) * 99 // 100], "failed": load.failed}


async def run_closed(load: Load, pages: int, span_s: float) -> dict[str, float]:
    begun_at = time.monotonic() + WARM_S
    numbers = itertools.count()
    keys = 0

    async def ask_in_turn() -> None:
        nonlocal keys
        while time.monotonic() < begun_at + span_s:
            got = await load.ask(next(numbers), time.monotonic())
            keys += got if time.monotonic() >= begun_at else 0

    await asyncio.gather(*(ask_in_turn() for _ in range(pages)))
    return {"keys_per_s": keys / span_s, "failed": load.failed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--span", type=float, required=True)
    parser.add_argument("--rate", type=float, help="pages a second")
    parser.add_argument("--closed", type=int, help="pages under way")
    arguments = parser.parse_args()
    load = Load(arguments.port)
    if arguments.closed is None:
        run = run_open(load, arguments.rate, arguments.span)
    else:
        run = run_closed(load, arguments.closed, arguments.span)
    print(json.dumps(asyncio.run(run)))


if __name__ == "__main__":
    main()
