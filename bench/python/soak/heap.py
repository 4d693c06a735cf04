"""What glibc's malloc holds: memory in use can be told from memory that malloc keeps, and that be given back."""

import ctypes
import re
from dataclasses import dataclass

from soak.measure import MIB

_libc = ctypes.CDLL(None)


class _Mallinfo2(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        )
    )


_libc.mallinfo2.restype = _Mallinfo2
_libc.open_memstream.restype = ctypes.c_void_p
_libc.malloc_trim.argtypes = (ctypes.c_size_t,)
_libc.malloc_info.argtypes = (ctypes.c_int, ctypes.c_void_p)
_libc.fclose.argtypes = (ctypes.c_void_p,)
_libc.free.argtypes = (ctypes.c_void_p,)


@dataclass(frozen=True)
class Heap:
    """In use and free are of all arenas together; what is mapped alone stands beside them."""

    in_use_mib: float
    free_mib: float
    mapped_mib: float
    arenas: int

    def __str__(self) -> str:
        return (
            f"heap {self.in_use_mib:.2f} in use, {self.free_mib:.2f} free in {self.arenas} arenas, "
            f"{self.mapped_mib:.2f} mapped"
        )


def heap() -> Heap:
    found = _libc.mallinfo2()
    return Heap(found.uordblks / MIB, found.fordblks / MIB, found.hblkhd / MIB, count_arenas())


def trim() -> float:
    """Gives back what is free; the MiB in use."""
    _libc.malloc_trim(0)
    return heap().in_use_mib


def count_arenas() -> int:
    text, size = ctypes.c_char_p(), ctypes.c_size_t()
    stream = _libc.open_memstream(ctypes.byref(text), ctypes.byref(size))
    _libc.malloc_info(0, stream)
    _libc.fclose(stream)
    count = len(re.findall(rb"<heap nr=", text.value or b""))
    _libc.free(text)
    return count
