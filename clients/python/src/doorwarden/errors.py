"""What can go wrong, as types. Every message says what happened, why, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .views import Approval, Grant


class DoorwardenError(Exception):
    """Any error of this package."""


class ApiFailure(DoorwardenError):
    """The API refused, or could not be asked.

    `code` is a code of docs/errors.md, and None when no answer of the API came. `status` is the status of HTTP, and
    `grant_id` the grant that a refused request has left, if it has left one. `fields` are the further fields that some
    codes carry. `may_have_arrived`: the API may have done what was asked, by this call or an earlier try of it, and
    nobody knows what came of it.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        grant_id: str | None = None,
        request_id: str | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.grant_id = grant_id
        self.request_id = request_id
        self.fields: Mapping[str, Any] = fields or {}
        self.may_have_arrived = False


class GrantRefusedError(ApiFailure):
    """The broker did not open the grant, or it ended before its use. `grant` is None where there was none yet."""

    def __init__(self, message: str, *, code: str | None, grant: Grant | None = None) -> None:
        super().__init__(message, code=code, grant_id=None if grant is None else grant.id)
        self.grant = grant


class GrantDeniedError(GrantRefusedError):
    """A person denied the grant. Do not ask again with other words: the message says why."""


class GrantTimedOutError(GrantRefusedError):
    """Nobody decided in time, or the caller's own `wait_seconds` were over. Nothing is open."""


class GrantNotClosedError(ApiFailure):
    """The work is done, and the API could not be told. The grant ends at its deadline."""

    def __init__(self, message: str, *, code: str | None, grant: Grant) -> None:
        super().__init__(message, code=code, grant_id=grant.id)
        self.grant = grant


class GrantNotClosedWarning(UserWarning):
    """The same, where another error is already on its way."""


class ConnectionLostError(DoorwardenError):
    """The connection of a grant is shown once, and the answer with it was lost. The grant was closed."""


class StatementRefusedError(DoorwardenError):
    """People did not approve a statement, and it did not run. The message says why, and what to do.

    `code` is a code of docs/errors.md, `approval` the question as it ended.
    """

    def __init__(self, message: str, *, code: str, approval: Approval) -> None:
        super().__init__(message)
        self.code = code
        self.approval = approval

    @property
    def reason(self) -> str | None:
        """What the person wrote who denied it."""
        return next((each.reason for each in self.approval.decisions if each.decision == "deny"), None)
