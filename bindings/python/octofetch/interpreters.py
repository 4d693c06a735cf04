"""Refuses interpreters that octofetch is not made for, in words."""

import importlib
import sys


def refuse_subinterpreters() -> None:
    """The library's exit handler and the extension's types are of the process, and one interpreter has them.

    Asked before the extension is loaded, which in Python 3.11 would wait for ever there.
    """
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


def refuse_without_lock() -> None:
    """A free-threaded build takes its lock again when it loads the extension, with a warning, unless it is told not to.

    What the extension keeps relies on that lock. Asked when it is loaded.
    """
    is_enabled = getattr(sys, "_is_gil_enabled", None)
    if is_enabled is not None and not is_enabled():
        raise ImportError("octofetch needs the interpreter's lock; start Python without PYTHON_GIL=0 and -X gil=0")
