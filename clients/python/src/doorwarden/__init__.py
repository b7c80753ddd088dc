"""Asks Doorwarden for a grant on a database, waits for people where they must approve, and always closes it.

import doorwarden

with doorwarden.grant("shop", "Count the orders", ttl_seconds=600) as connection:
    ...  # connect with connection.pymysql(), connection.sqlalchemy_url() or connection.environment()
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from .client import Client
from .connection import Connection
from .credential import Credential, token_file
from .errors import (
    ApiFailure,
    ConnectionLostError,
    DoorwardenError,
    GrantDeniedError,
    GrantNotClosedError,
    GrantNotClosedWarning,
    GrantRefusedError,
    GrantTimedOutError,
    StatementRefusedError,
)
from .holds import HeldStatement, StatementRefusal, held_statement, statement_refusal
from .opening import Active, GrantProgress, OpenGrant, WaitsForGateway, WaitsForPeople
from .views import Approval, Decision, Grant, Question, Target

__all__ = [
    "Active",
    "ApiFailure",
    "Approval",
    "Client",
    "Connection",
    "ConnectionLostError",
    "Credential",
    "Decision",
    "DoorwardenError",
    "Grant",
    "GrantDeniedError",
    "GrantNotClosedError",
    "GrantNotClosedWarning",
    "GrantProgress",
    "GrantRefusedError",
    "GrantTimedOutError",
    "HeldStatement",
    "OpenGrant",
    "Question",
    "StatementRefusal",
    "StatementRefusedError",
    "Target",
    "WaitsForGateway",
    "WaitsForPeople",
    "grant",
    "held_statement",
    "statement_refusal",
    "token_file",
]


P = ParamSpec("P")
R = TypeVar("R")


def _by_environment(method: Callable[Concatenate[Client, P], R]) -> Callable[P, R]:
    def call(*args: P.args, **options: P.kwargs) -> R:
        return method(Client.from_environment(), *args, **options)

    call.__doc__ = method.__doc__
    return call


#: The same as `Client.from_environment().grant(target, task, …)`.
grant = _by_environment(Client.grant)
