"""What becomes of fetching when the process forks, is interrupted or ends."""

import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from octofetch import Client, ClosedError
from origin import Origin, pattern
from programs import run_python

NEVER = {"paths": {"/never": {"delay_ms": 30_000}}}


def answer_of_child(child: Callable[[], bytes]) -> bytes:
    """What `child` gives in a forked process."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            answer = child()
        except BaseException as error:
            answer = repr(error).encode()
        os.write(writing, answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    assert os.waitpid(process, 0)[1] == 0
    return answer


def test_parent_and_child_of_a_fork_fetch(client: Client) -> None:
    before = client.fetch(["a"], budget=10)
    assert answer_of_child(lambda: client.get("b", budget=10)) == pattern(b"b", 0, 1024)
    assert client.get("c", budget=10) == pattern(b"c", 0, 1024)
    # What the parent has fetched, a child can read.
    assert answer_of_child(lambda: before["a"].body) == pattern(b"a", 0, 1024)


def test_a_fork_while_a_batch_runs_disturbs_it_not(client: Client, origin: Origin) -> None:
    origin.script({"paths": {"/late": {"delay_ms": 500}}})
    batch = client.submit(["late"], budget=20)
    assert answer_of_child(lambda: client.get("b", budget=10)) == pattern(b"b", 0, 1024)
    assert batch.results().complete


def test_a_batch_of_the_parent_says_so_in_the_child(client: Client, origin: Origin) -> None:
    origin.script(NEVER)
    batch = client.submit(["never"], budget=20)
    answer = answer_of_child(lambda: results_or_error(batch.results))
    assert answer == b"ClosedError: the batch belongs to the parent of this process; submit anew in the child"
    batch.cancel()


def test_only_the_parent_can_tell_the_story_of_its_batch(client: Client) -> None:
    results = client.fetch(["a"], budget=10, keep_attempts=True)
    for tell in (results.attempts, results.explain, results.timeline, results.to_json, lambda: pickle.dumps(results)):
        assert answer_of_child(lambda tell=tell: results_or_error(tell)) == (  # type: ignore[misc]
            b"ClosedError: the batch belongs to the parent of this process; submit anew in the child"
        )
    assert len(results.attempts()) == 1


def results_or_error(results: Callable[[], object]) -> bytes:
    try:
        return repr(results()).encode()
    except ClosedError as error:
        return f"ClosedError: {error}".encode()


FORKING = """
import os, sys, warnings
counted = []
# Hooks before a fork run from the last to the first: this one sees what Python itself will count.
os.register_at_fork(before=lambda: counted.append(len(os.listdir("/proc/self/task"))))
from octofetch import Client
client = Client(sys.argv[1])
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as warned:
    for _ in range(50):
        assert client.fetch(["a", "b", "c"], budget=10).complete
        process = os.fork()
        if process == 0:
            os._exit(0)
        os.waitpid(process, 0)
print(set(counted), len(warned))
"""


def test_an_idle_engine_has_no_thread_when_the_process_forks(origin: Origin) -> None:
    origin.script({})
    done = run_python(FORKING, origin.url("http"))
    assert (done.stdout, done.stderr) == ("{1} 0\n", "")


def fetch_in_a_process(url: str) -> bytes:
    with Client(url) as client:
        return client.get("b", budget=10)


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_processes_of_multiprocessing_fetch(client: Client, origin: Origin, method: str) -> None:
    client.fetch(["a"], budget=10)
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(fetch_in_a_process, [origin.url("http")] * 4) == [pattern(b"b", 0, 1024)] * 4
    assert client.get("c", budget=10) == pattern(b"c", 0, 1024)


INTERRUPTED = """
import sys, time
if sys.argv[2] == "gevent":
    from gevent import monkey
    monkey.patch_all()
from octofetch import Client
client = Client(sys.argv[1])
async def main():
    await client.aio.fetch(["never"], budget=20)
try:
    client.fetch(["a"], budget=10)
    print("ready", flush=True)
    if sys.argv[2] == "asyncio":
        import asyncio
        asyncio.run(main())
    elif sys.argv[2] == "trio":
        import trio
        trio.run(main)
    else:
        client.fetch(["never"], budget=20)
except KeyboardInterrupt:
    print(time.time())
"""


@pytest.mark.parametrize("loop", ["none", "asyncio", "trio", "gevent"])
def test_ctrl_c_interrupts_a_fetch(origin: Origin, loop: str) -> None:
    origin.script(NEVER)
    command = [sys.executable, "-c", INTERRUPTED, origin.url("http"), loop]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.3)
        interrupted_at = time.time()
        process.send_signal(signal.SIGINT)
        # 100 ms are promised; a busy machine gets more.
        assert float(process.stdout.read()) - interrupted_at < 1


EXITING = """
import asyncio, atexit, sys, threading, time
from octofetch import Client
client = Client(sys.argv[1])
kept = [client.submit(["never"], budget=20) for _ in range(10)]
if sys.argv[2] == "threads":
    for batch in kept:
        threading.Thread(target=batch.results, daemon=True).start()
    threading.Thread(target=lambda: [client.fetch(["a"], budget=1) for _ in range(10**6)], daemon=True).start()
    time.sleep(0.2)
if sys.argv[2] == "loop":
    loop = asyncio.new_event_loop()
    task = loop.create_task(client.aio.get("never", budget=20))
    loop.call_later(0.2, loop.stop)
    loop.run_forever()
    task.cancel()
    loop.run_until_complete(asyncio.wait([task]))
    loop.close()
print(time.time())
"""


@pytest.mark.parametrize("how", ["batches", "threads", "loop"])
def test_the_interpreter_ends_at_once_and_silently_with_fetches_under_way(origin: Origin, how: str) -> None:
    origin.script(NEVER)
    for _ in range(3):
        done = run_python(EXITING, origin.url("http"), how)
        ended_at = time.time()
        assert (done.returncode, done.stderr) == (0, "")
        # 100 ms are promised; a busy machine gets more.
        assert ended_at - float(done.stdout) < 2


SUBINTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
from octofetch import Client
made = interpreters.create()
try:
    print(interpreters.run_string(made, "import octofetch"))
except Exception as error:
    print(error)
interpreters.destroy(made)
"""


def test_a_subinterpreter_is_refused_in_words() -> None:
    done = run_python(SUBINTERPRETER)
    assert "octofetch cannot be imported in a subinterpreter" in done.stdout, done.stderr


UNLOCKED = """
import sys
sys._is_gil_enabled = lambda: False
import octofetch
"""


def test_a_free_threaded_interpreter_without_its_lock_is_refused_in_words() -> None:
    done = run_python(UNLOCKED)
    assert "ImportError: octofetch needs the interpreter's lock; start Python without PYTHON_GIL=0" in done.stderr


LOADED = """
import json, sys
import octofetch
print(json.dumps(sorted(sys.modules)))
"""


def test_importing_starts_nothing() -> None:
    done = run_python(LOADED + "import os; print(len(os.listdir('/proc/self/task')))")
    modules, threads = done.stdout.splitlines()
    assert threads == "1"
    assert "octofetch._core" in json.loads(modules)


def test_threads_share_a_client(client: Client) -> None:
    found: list[bool] = []

    def fetch() -> None:
        for _ in range(20):
            found.append(client.fetch([f"k{i}" for i in range(10)], budget=20).complete)

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80
