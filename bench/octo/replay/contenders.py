"""Who plays, in the order of the report."""

from commands import commands

from replay.contender import Contender

# What the report says of how each fetches; the rest stands at the head of its source.
_OWN = "as its README shows it"
_REASONS = {
    "c-octofetch": ("C, octofetch", "octofetch.h, one thread and a queue"),
    "python-octofetch": ("Python, octofetch", _OWN),
    "node-octofetch": ("Node.js, octofetch", _OWN),
    "go": ("Go, worker pool", "the article's design: a delegator, idle workers, contexts"),
    "node-undici": ("Node.js, undici", "a Pool with a line of waiting keys in front of it; one signal a page"),
    "node-undici-unbounded": (
        "Node.js, undici without a line",
        "a Pool, to which all keys of a page are handed at once",
    ),
    "node-aws-sdk": (
        "Node.js, AWS SDK",
        "@aws-sdk/client-s3 with a line of waiting keys in front of it; one signal a page",
    ),
    "python-aiohttp": ("Python, aiohttp", "one session; asyncio.wait with a timeout, then the rest is cancelled"),
    "python-obstore": (
        "Python, obstore",
        "Rust's object_store; asyncio.wait with a timeout, then it cancels the rest",
    ),
    "python-boto3": ("Python, boto3", "a pool of threads; wait with a timeout, then the rest is cancelled"),
}


def contenders() -> list[Contender]:
    command_of = commands()
    return [
        Contender(name, title, title.split(",")[0], name.endswith("-octofetch"), reason, command_of[name])
        for name, (title, reason) in _REASONS.items()
    ]
