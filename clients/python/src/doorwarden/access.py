"""Access as somebody types it, as rules of a request for a grant on a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_READING = ["SELECT"]
_WRITING = ["SELECT", "INSERT", "UPDATE", "DELETE"]


def needs_database(tables: Sequence[str]) -> bool:
    """Whether a table is typed without its database."""
    return any("." not in typed for typed in tables)


def access_of_tables(
    read: Sequence[str], write: Sequence[str], default_database: str | None
) -> list[Mapping[str, Any]]:
    """The access that lets somebody read the ones and change the others: `orders`, `shop.orders`, or `shop.*`."""
    written = dict.fromkeys(write)
    return [
        *(_rule(typed, _READING, default_database) for typed in dict.fromkeys(read) if typed not in written),
        *(_rule(typed, _WRITING, default_database) for typed in written),
    ]


def _rule(typed: str, privileges: list[str], default_database: str | None) -> Mapping[str, Any]:
    database, dot, table = typed.partition(".")
    if not dot:
        database, table = default_database or "", typed
    tables = {} if table == "*" else {"tables": [table]}
    return {"database": database, **tables, "privileges": privileges}
