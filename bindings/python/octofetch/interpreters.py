"""Refuses subinterpreters: the library's exit handler and the extension's types are of the process, and one interpreter
has them. Asked before the extension is loaded, which in Python 3.11 would wait for ever there.
"""

import importlib


def refuse_subinterpreters() -> None:
    # The module has been called so since Python 3.13.
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = importlib.import_module(name)
        except ImportError:
            continue
        if interpreters.get_current() != interpreters.get_main():
            raise ImportError(
                "octofetch cannot be imported in a subinterpreter; fetch in the main interpreter, or in a process"
            )
        return
