"""What a driver's error says of a refusal of the broker, whichever driver it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

#: `Doorwarden: <what happened> <detail> <what to do> (code)`, as ordinary drivers show an error of the server.
_NAME = "Doorwarden: "
_CODE = re.compile(r"[a-z][a-z0-9_]*")
#: No text of the broker's is as long, with what a driver puts before it: a gateway's errors have 512 bytes at most.
REFUSAL_CHARACTERS_MAX = 4_096
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

    Only an error with a driver's mark counts, the number that a server gave, and of that one the server's own text:
    what is made of it may end in a value that somebody chose.
    """
    text = _server_text(error)
    return None if text is None else _refusal_in(text)


def _server_text(error: BaseException) -> str | None:
    told: BaseException | None = error
    for _ in range(_DEPTH_MAX):
        if told is None:
            return None
        text = _text_of_driver(told)
        if text is not None:
            return text
        # SQLAlchemy and Peewee keep the driver's own error in `orig`, others in `__cause__`.
        inner = getattr(told, "orig", None)
        told = inner if isinstance(inner, BaseException) else told.__cause__
    return None


def _text_of_driver(error: BaseException) -> str | None:
    """The text of the server; None: this is no error of a server by a driver."""
    # The connectors of MySQL and of MariaDB; older ones of MariaDB's have `errmsg` alone.
    number, state = getattr(error, "errno", None), getattr(error, "sqlstate", None)
    if isinstance(number, int) and isinstance(state, str):
        for text in (getattr(error, "msg", None), getattr(error, "errmsg", None)):
            if isinstance(text, str):
                return text
    # PyMySQL, mysqlclient, and what passes on their `args`: PEP 249 gives the class its name in every driver.
    if not any(each.__name__ == "DatabaseError" for each in type(error).__mro__) or len(error.args) < 2:
        return None
    number, text = error.args[:2]
    return text if isinstance(number, int) and isinstance(text, str) else None


def _refusal_in(text: str) -> StatementRefusal | None:
    """The sentence of the broker at the end of a text: drivers put numbers of theirs before it."""
    if len(text) > REFUSAL_CHARACTERS_MAX:
        return None
    told = text.rstrip()
    before, opened, code = told.rpartition("(")
    begin = _name_in(before)
    if not opened or not code.endswith(")") or not _CODE.fullmatch(code[:-1]) or begin == -1:
        return None
    return StatementRefusal(code[:-1], told[begin:])


def _name_in(text: str) -> int:
    """Where the broker's name first stands by itself; -1: nowhere."""
    at = text.find(_NAME)
    while at > 0 and not (text[at - 1].isspace() or text[at - 1] in ":-"):
        at = text.find(_NAME, at + len(_NAME))
    return at


def held_statement(error: BaseException) -> HeldStatement | None:
    """What waits for people, if the error says that a statement does; else None."""
    refusal = statement_refusal(error)
    if refusal is None or refusal.code != "statement_held":
        return None
    found = _HELD.search(refusal.message)
    if found is None:
        return None
    return HeldStatement(found[2], datetime.fromisoformat(f"{found[1]}+00:00"))
