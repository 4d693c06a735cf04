"""The scripted origin of `octofetch.testing`, and what the behaviour cases need beyond it."""

import re
from typing import Self

from octofetch.scripted_origin import PROGRAM
from octofetch.testing import Origin as ScriptedOrigin
from octofetch.testing import OriginError, pattern

__all__ = ["PROGRAM", "Origin", "OriginError", "pattern"]


class Origin(ScriptedOrigin):
    """Of the program that the variable OCTO_ORIGIN names, as ctest sets it, at two addresses."""

    @classmethod
    def started(cls) -> Self:
        return cls(addresses=("127.0.0.1", "127.0.0.2"))

    def fill(self, text: str, scheme: str = "http") -> str:
        """Replaces {origin}, {ca_file}, {http}, {http.port} and so on; `scheme` says what {origin} means."""

        def filled(found: re.Match[str]) -> str:
            name = scheme if found[1] == "origin" else found[1]
            if name == "ca_file":
                return self.ca_file
            listener = name.removesuffix(".port")
            if listener not in self.ports:
                return found[0]
            return self.url(listener) if name == listener else str(self.ports[listener])

        return re.sub(r"\{([^{}]+)\}", filled, text)
