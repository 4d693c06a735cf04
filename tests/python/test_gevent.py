"""Blocking calls under gevent: with patched sockets greenlets go on meanwhile, without them nothing changes."""

import pytest
from origin import Origin
from programs import run_python

SCRIPT = {"paths": {"/never": {"delay_ms": 30_000}, "/late": {"delay_ms": 300}}}

PATCHED = "from gevent import monkey; monkey.patch_all()\n"

BEGIN = """
import os, sys, time
import gevent, gevent.event, gevent.pool, gevent.threadpool
import octofetch
from octofetch import Client, ClosedError, Deadline, Status
client = Client(sys.argv[1])
ticks = 0
def tick():
    global ticks
    while True:
        gevent.sleep(0.01)
        ticks += 1
ticker = gevent.spawn(tick)
gevent.sleep(0)
def settled():
    with gevent.Timeout(5):
        while client.stats()["slots_busy"]:
            gevent.sleep(0.01)
"""

TICKS = """
results = client.fetch(["never", "a"], budget=0.4)
assert len(results.succeeded) == len(results.late) == 1
print(ticks)
"""

MANY = """
def fetch(number):
    results = client.fetch([f"{number}/{i}" for i in range(5)] + ["late"], budget=20)
    return results.complete
pool = gevent.pool.Pool(200)
begun = time.monotonic()
assert pool.map(fetch, range(200)) == [True] * 200
assert pool.map(lambda number: len(client.get(f"{number}", budget=20)), range(200)) == [1024] * 200
hub = gevent.get_hub()
assert hub.loop.activecnt < 50, hub.loop.activecnt
print("done")
"""

STREAM = """
batch = client.submit(["never", "late", "a"], budget=3)
assert [result.key for result in batch] == ["a", "late", "never"]
batch = client.submit(["late"], budget=20)
assert not batch.wait(0.01)
assert batch.wait(10) and ticks > 5
assert batch.results().complete
print("done")
"""

FROZEN_AT_ONCE = """
from octofetch import loops
for _ in range(3):
    client.fetch(["a"], budget=0)
assert loops.queue_of_hub().queue.take() == []
print("done")
"""

KILLED = """
for wait in (lambda batch: batch.results(), list):
    batch = client.submit(["never"], budget=20)
    greenlet = gevent.spawn(wait, batch)
    gevent.sleep(0.1)
    assert client.stats()["slots_busy"] == 1
    greenlet.kill()
    assert batch.frozen and batch.results().state == Status.CANCELLED
    settled()
try:
    with gevent.Timeout(0.1):
        client.fetch(["never"], budget=20)
    raise SystemExit("was not interrupted")
except gevent.Timeout:
    settled()
batch = client.submit(["never"], budget=20)
waiting = [gevent.spawn(batch.results) for _ in range(3)]
gevent.sleep(0.05)
batch.cancel()
gevent.joinall(waiting, timeout=5, raise_error=True)
assert [one.value.state for one in waiting] == [Status.CANCELLED] * 3
print("done")
"""

LEFT = """
try:
    client.fetch(["a"] * 20000, budget=1)
except ValueError:
    pass
client.fetch(["a"], budget=10)
from octofetch import loops
assert not loops.queue_of_hub()._waiting
ticker.kill()
# Nothing of ours keeps gevent's loop going.
assert gevent.wait(timeout=5) is True
def forever():
    gevent.event.Event().wait()
try:
    forever()
except gevent.exceptions.LoopExit:
    print("done")
"""

THREADS = """
pool = gevent.threadpool.ThreadPool(3)
fetching = [pool.spawn(client.get, "late", budget=20) for _ in range(3)]
assert [len(one.get()) for one in fetching] == [1024] * 3
batch = client.submit(["late"], budget=20)
assert pool.apply(lambda: batch.results().complete)
pool.kill()
before = ticks
client.warm(2, 5)
batch = client.submit(["late"], budget=20)
assert client.drain(5) and batch.frozen
assert ticks - before > 5
print("done")
"""

FORKED = """
assert client.get("a", budget=10)
def wait_for_parent():
    try:
        return client.fetch(["late"], budget=20).complete
    except ClosedError:
        return "forked"
waiting = gevent.spawn(wait_for_parent)
gevent.sleep(0.05)
process = os.fork()
if process == 0:
    assert len(client.get("b", budget=10)) == 1024
    assert waiting.get(timeout=5) == "forked"
    before = ticks
    assert len(client.get("late", budget=10)) == 1024
    assert ticks - before > 5
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 7
assert waiting.get(timeout=5) is True
print("done")
"""


@pytest.fixture(autouse=True)
def scripted(origin: Origin) -> None:
    origin.script(SCRIPT)


def test_greenlets_go_on_while_one_fetches(origin: Origin) -> None:
    done = run_python(PATCHED + BEGIN + TICKS, origin.url("http"))
    assert done.stderr == ""
    assert int(done.stdout) > 8


def test_without_patched_sockets_a_fetch_blocks_its_thread(origin: Origin) -> None:
    done = run_python(BEGIN + TICKS, origin.url("http"))
    assert done.stderr == ""
    assert int(done.stdout) <= 1


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(MANY, id="many_greenlets_share_a_client"),
        pytest.param(STREAM, id="results_come_as_they_settle"),
        pytest.param(FROZEN_AT_ONCE, id="a_batch_that_is_frozen_at_once_leaves_no_announcement"),
        pytest.param(KILLED, id="a_killed_greenlet_cancels_its_batch"),
        pytest.param(LEFT, id="nothing_is_left_behind"),
        pytest.param(THREADS, id="real_threads_block_and_slow_calls_use_them"),
        pytest.param(FORKED, id="a_child_has_a_queue_of_its_own"),
    ],
)
def test_under_patched_sockets(origin: Origin, source: str) -> None:
    done = run_python(PATCHED + BEGIN + source, origin.url("http"))
    assert (done.stdout, done.stderr) == ("done\n", "")
