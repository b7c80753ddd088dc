"""What a driver's error says of a refusal of the broker, whichever driver it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

#: `Doorwarden: <what happened> <detail> <what to do> (code)`, as ordinary drivers show an error of the server.
_SENTENCE = re.compile(r"(?:\A|[\s:-])(Doorwarden: .*\(([a-z][a-z_]*)\))\s*\Z", re.DOTALL)
_HELD = re.compile(r"until (\d{4}-\d\d-\d\dT[\d:.]+)Z with approval ([0-9a-hjkmnp-tv-z]{26})\.")
_DEPTH_MAX = 8


@dataclass(frozen=True)
class StatementRefusal:
    """What the broker told a driver instead of running a statement. `code` is a code of docs/errors.md."""

    code: str
    message: str


@dataclass(frozen=True)
class HeldStatement:
    """A statement that did not run, since people are asked about it. Once they have approved, send the same again."""

    approval: str
    expires_at: datetime


def statement_refusal(error: BaseException) -> StatementRefusal | None:
    """The refusal of the broker that an error of a driver carries, however deep; None: it is not the broker's.

    A driver's error begins with the number and the text of the server, and then those alone count: what is made of it
    may end in a value that somebody chose. Where none does, the innermost error counts.
    """
    for text in _server_texts(error):
        found = _SENTENCE.search(text)
        if found is not None:
            return StatementRefusal(found[2], found[1])
    return None


def _server_texts(error: BaseException) -> list[str]:
    told: BaseException = error
    for _ in range(_DEPTH_MAX):
        if len(told.args) > 1 and isinstance(told.args[0], int) and isinstance(told.args[1], str):
            return [told.args[1]]
        # SQLAlchemy keeps the driver's own error in `orig`, others in `__cause__`.
        inner = getattr(told, "orig", None)
        below = inner if isinstance(inner, BaseException) else told.__cause__
        if below is None:
            return [text for text in told.args if isinstance(text, str)]
        told = below
    return []


def held_statement(error: BaseException) -> HeldStatement | None:
    """What waits for people, if the error says that a statement does; else None."""
    refusal = statement_refusal(error)
    if refusal is None or refusal.code != "statement_held":
        return None
    found = _HELD.search(refusal.message)
    if found is None:
        return None
    return HeldStatement(found[2], datetime.fromisoformat(f"{found[1]}+00:00"))
