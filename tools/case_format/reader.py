"""Reads a file of cases: every mistake in it is a CaseError that names the field."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from case_format.fields import CaseError, Fields
from case_format.interface import SECURE_LISTENERS, Interface
from case_format.model import Case, Json, Refusal, Step
from case_format.step_reader import StepReader, placed

NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+){2,}")
LANGUAGES = ("c", "python", "node")
SELF_FOLDER = "self"
ROW_MAX = 80
# That a busy machine needs more than the default for 64 handshakes at once is no failure of a case.
CONNECT_TIMEOUT = "10s"


def read_file(path: Path, folder: str, interface: Interface) -> list[Case]:
    """The cases of a file, those over several schemes once for each."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=unique_fields)
    except ValueError as error:
        raise CaseError(f"{path.name}: not JSON: {error}") from error
    fields = Fields(value, "")
    if not (fields.text("about") or "").endswith("."):
        raise CaseError(f"{path.name}: about: must be a sentence on what these cases have in common")
    try:
        objects = list(fields.objects("cases"))
        if not objects:
            fields.fail("cases", "there are none")
        cases = [case for one in objects for case in CaseReader(one, path, folder, interface).read()]
        fields.finish()
    except CaseError as error:
        raise CaseError(f"{path.name}: {str(error).removeprefix('.')}") from error
    return cases


def unique_fields(pairs: list[tuple[str, Any]]) -> Json:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"'{name}' is given twice")
    return dict(pairs)


class CaseReader:
    """One case of a file."""

    def __init__(self, fields: Fields, path: Path, folder: str, interface: Interface) -> None:
        self.fields = fields
        self.path = path
        self.folder = folder
        self.interface = interface
        self.steps = StepReader(interface)

    def read(self) -> Iterator[Case]:
        fields = self.fields
        schemes = fields.texts("over") or ("http",)
        for scheme in schemes:
            fields.check_choice("over", scheme, ("http", "https"))
        rows = self.rows()
        name = self.name(rows)
        url = fields.text("url")
        if url is not None and fields.has("over"):
            fields.fail("over", "a case with a url of its own runs over that one")
        for scheme in schemes:
            case = self.read_over(scheme, name, rows, url)
            fields.finish()
            yield case

    def read_over(self, scheme: str, name: str, rows: tuple[int, ...], url: str | None) -> Case:
        fields = self.fields
        is_one_of_several = fields.has("over") and len(fields.texts("over")) > 1
        case = Case(
            folder=self.folder,
            file=self.path.name,
            name=f"{name}_over_{scheme}" if is_one_of_several else name,
            rows=rows,
            why=fields.text("why") or "",
            skip=self.skip(),
            scheme=scheme,
            url=placed(fields, "url", url or "{origin}"),
            options=self.options(scheme, url or "{origin}"),
            origin=self.origin(),
            open_refused=self.refusal_at_open(),
            steps=tuple(self.steps.read(one) for one in fields.objects("steps")),
            next_batch_complete=self.next_batch(),
            must_fail=self.must_fail(),
        )
        if (case.open_refused is None) == (not case.steps):
            fields.fail("steps", "a case has steps, or its open is refused")
        check_batches(fields, case.steps)
        return case

    def rows(self) -> tuple[int, ...]:
        rows = self.fields.get("rows") or []
        if not isinstance(rows, list) or not all(isinstance(row, int) and 1 <= row <= ROW_MAX for row in rows):
            self.fields.fail("rows", f"must be a list of rows of the fault catalogue, 1 to {ROW_MAX}")
        return tuple(rows)

    def name(self, rows: tuple[int, ...]) -> str:
        name: str = self.fields.text_of("name", self.fields.demand("name"))
        if not NAME.fullmatch(name):
            self.fields.fail("name", f"'{name}' is not a sentence in snake_case")
        if rows and not name.startswith(f"row_{rows[0]}_"):
            self.fields.fail("name", f"'{name}' must begin with row_{rows[0]}_, its first row")
        if not rows and name.startswith("row_"):
            self.fields.fail("name", f"'{name}' names a row; say so in rows as well")
        return name

    def skip(self) -> dict[str, str]:
        """Why a language does not run the case: {"node": "reason"}, or a reason for all of them."""
        value = self.fields.get("skip")
        if isinstance(value, str):
            value = dict.fromkeys(LANGUAGES, value)
        skip = Fields({} if value is None else value, self.fields.name_of("skip"))
        reasons = {language: skip.text(language) or "" for language in LANGUAGES if skip.has(language)}
        skip.finish()
        for language, reason in reasons.items():
            if len(reason.split()) < 3:
                skip.fail(language, "say why")
        return reasons

    def options(self, scheme: str, url: str) -> tuple[tuple[str, str], ...]:
        options = Fields(self.fields.get("options") or {}, self.fields.name_of("options"))
        values = {name: placed(options, name, options.text(name) or "") for name in options.value}
        values.setdefault("connect.timeout", CONNECT_TIMEOUT)
        is_secure = scheme == "https" or any(f"{{{name}}}" in url for name in SECURE_LISTENERS)
        if is_secure or url.startswith("https:"):
            values.setdefault("tls.ca_file", "{ca_file}")
        return tuple(values.items())

    def origin(self) -> str:
        script = self.fields.get("origin") or {}
        if not isinstance(script, dict):
            self.fields.fail("origin", "must be a script of octo-origin, a JSON object")
        return json.dumps(script, separators=(",", ":"))

    def refusal_at_open(self) -> Refusal | None:
        if not self.fields.has("open"):
            self.fields.known.add("open")
            return None
        fields = Fields(self.fields.get("open"), self.fields.name_of("open"))
        refusal = self.steps.refusal(fields)
        fields.finish()
        if refusal is None:
            fields.fail("refused", "must be given")
        return refusal

    def next_batch(self) -> str | None:
        value = self.fields.get("next_batch_complete")
        if value is None and not self.fields.has("next_batch_complete"):
            return None
        if value is True:
            return "{origin}"
        url = self.fields.text("next_batch_complete")
        return placed(self.fields, "next_batch_complete", url or "")

    def must_fail(self) -> str | None:
        place = self.fields.text("must_fail")
        if (place is not None) != (self.folder == SELF_FOLDER):
            self.fields.fail("must_fail", f"belongs to the cases in {SELF_FOLDER}/, and to all of them")
        return place


def check_batches(fields: Fields, steps: tuple[Step, ...]) -> None:
    """Every batch must be waited for, or what is expected of it would never be looked at."""
    open_batches: set[str] = set()
    known: set[str] = set()
    for index, step in enumerate(steps):
        place = f"steps[{index}].batch"
        if step.refused is not None:
            continue
        if step.do in ("submit", "fetch"):
            if step.batch in open_batches:
                fields.fail(place, f"'{step.batch}' is still open; wait for it, or give this one another name")
            known.add(step.batch)
            if step.do == "submit":
                open_batches.add(step.batch)
        elif step.batch and step.batch not in known:
            fields.fail(place, f"no step before submits '{step.batch}'")
        if step.do == "wait" and step.answers == ("OK",):
            open_batches.discard(step.batch)
    for name in sorted(open_batches):
        fields.fail("steps", f"no step waits for '{name}' until it is frozen")
