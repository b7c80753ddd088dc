"""A grant from the request to its end: asks once, waits, and always closes."""

from __future__ import annotations

import signal
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from .calls import CallReach
from .connection import Connection
from .errors import (
    ApiFailure,
    ConnectionLostError,
    DoorwardenError,
    GrantDeniedError,
    GrantNotClosedError,
    GrantNotClosedWarning,
    GrantRefusedError,
    GrantTimedOutError,
)
from .views import Approval, Grant

if TYPE_CHECKING:
    from .client import Client

#: Shorter than proxies cut off what is silent, and often enough to tell somebody that the program still waits.
_LONG_POLL_SECONDS = 10
#: How long closing is tried for a caller who already has another error to hear.
_GIVE_UP_SECONDS_MAX = 10.0
_SIGTERM_EXIT_CODE = 128 + signal.SIGTERM


@dataclass(frozen=True)
class WaitsForGateway:
    """The request is stored, and a gateway makes the account."""

    grant: Grant


@dataclass(frozen=True)
class WaitsForPeople:
    """People are asked: `approval` says whom, until when, who has approved, and has the link for those who decide."""

    grant: Grant
    approval: Approval


@dataclass(frozen=True)
class Active:
    """The grant is open."""

    grant: Grant


GrantProgress = WaitsForGateway | WaitsForPeople | Active


class OpenGrant:
    """A grant for one `with` block. `grant` is what the API said of it last; None before it was asked for."""

    def __init__(
        self,
        client: Client,
        request: Mapping[str, Any],
        *,
        wait_seconds: float | None,
        on_progress: Callable[[GrantProgress], None] | None,
        close_on_sigterm: bool,
    ) -> None:
        self._client = client
        self._request = request
        self._wait_seconds = wait_seconds
        self._on_progress = on_progress
        self._close_on_sigterm = close_on_sigterm
        self._old_handler: Any = None
        self._is_entered = False
        self.grant: Grant | None = None
        self.connection: Connection | None = None

    def __enter__(self) -> Connection:
        if self._is_entered:
            raise RuntimeError("A grant is used once: ask for another one.")
        self._is_entered = True
        self._catch_sigterm()
        try:
            self.connection = self._open()
            return self.connection
        except BaseException:
            # `__exit__` is not called for this. It may come at any moment, also when all has been done.
            try:
                self._give_up()
            finally:
                self._let_go_of_sigterm()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._close_unless_interrupted()
            else:
                self._give_up()
        finally:
            self._let_go_of_sigterm()

    def close(self) -> None:
        """Ends the task, whether the api restarts meanwhile or not. A second call does nothing.

        Raises `GrantNotClosedError` when the API does not take it; the deadline ends the grant then.
        """
        self._close(None)

    def _close_unless_interrupted(self) -> None:
        try:
            self.close()
        except GrantNotClosedError:
            raise
        except BaseException:
            # Ctrl-C while the api is away, say: it is tried once more, for a moment.
            self._give_up()
            raise

    def _close(self, repeats_for_seconds: float | None) -> None:
        if self.connection is not None:
            self.connection.remove_files()
        grant = self.grant
        if grant is None or grant.state in ("closing", "sealed", "refused"):
            return
        try:
            self.grant = self._client.close_grant(grant.id, repeats_for_seconds=repeats_for_seconds)
        except ApiFailure as failure:
            if failure.code == "grant_not_active":
                return
            until = f"{grant.deadline:%Y-%m-%d %H:%M:%S} UTC"
            told = f"The grant {grant.id} could not be closed; it ends by itself at {until}. {failure}"
            raise GrantNotClosedError(told, code=failure.code, grant=grant) from failure

    def _give_up(self) -> None:
        """Closes for a caller who hears another error: that one counts."""
        try:
            self._close(_GIVE_UP_SECONDS_MAX)
        except DoorwardenError as failure:
            warnings.warn(str(failure), GrantNotClosedWarning, stacklevel=3)

    def _open(self) -> Connection:
        until = None if self._wait_seconds is None else time.monotonic() + self._wait_seconds
        connection = self._opened(until)
        if connection is None:
            # The answer that showed it was lost. Nobody was asked, so nobody is asked twice.
            connection = self._opened(until)
        if connection is None:
            raise ConnectionLostError("The answers with the connections of two grants were lost; both were closed.")
        return connection

    def _opened(self, until: float | None) -> Connection | None:
        """The connection; None where the answer that showed it was lost, and the grant was closed."""
        self.grant = None
        key = str(uuid4())
        reach = CallReach()
        try:
            self.grant = self._client._ask(self._request, key, None, reach)
        except BaseException as error:
            # What has not arrived has made nothing, and to ask once more could make it.
            if reach.may_have_arrived:
                self._forget(key)
            if isinstance(error, ApiFailure):
                raise _refused(error) from error
            raise
        return self._taken(self._waited(self.grant, until))

    def _waited(self, grant: Grant, until: float | None) -> Grant:
        while grant.state == "requested":
            left = _LONG_POLL_SECONDS if until is None else until - time.monotonic()
            if left <= 0:
                told = f"The grant {grant.id} did not open within {self._wait_seconds} s, and was closed."
                raise GrantTimedOutError(told, code=None, grant=grant)
            self._tell(grant)
            wait = max(1, min(_LONG_POLL_SECONDS, int(left)))
            self.grant = grant = self._client.get_grant(grant.id, wait_seconds=wait, while_state="requested")
        if grant.state != "active":
            raise _ended(grant)
        self._tell(grant)
        return grant

    def _taken(self, grant: Grant) -> Connection | None:
        try:
            return self._client.take_connection(grant)
        except ApiFailure as failure:
            if failure.code != "connection_already_fetched":
                raise
            if grant.approval_id is None:
                self._give_up()
                return None
            told = f"The answer with the connection of the grant {grant.id} was lost, and the grant was closed."
            raise ConnectionLostError(f"{told} Ask for it again.") from failure

    def _tell(self, grant: Grant) -> None:
        if self._on_progress is not None:  # else nobody wants to hear what the API would be asked for
            self._on_progress(Active(grant) if grant.state == "active" else self._waiting(grant))

    def _waiting(self, grant: Grant) -> GrantProgress:
        question = next((each for each in grant.waiting if each.kind == "grant"), None)
        approval = None if question is None else self._client.get_approval(question.id)
        if approval is None or approval.state != "pending":
            return WaitsForGateway(grant)
        return WaitsForPeople(grant, approval)

    def _forget(self, key: str) -> None:
        """Closes what a request without an answer may have made: with its key, the API says which grant that is."""
        seconds = _GIVE_UP_SECONDS_MAX
        try:
            grant = self._client.request_grant(self._request, idempotency_key=key, repeats_for_seconds=seconds)
            self._client.close_grant(grant.id, repeats_for_seconds=seconds)
        except DoorwardenError:
            return  # refused, or the api is away: then the deadline ends it

    def _catch_sigterm(self) -> None:
        if self._close_on_sigterm and threading.current_thread() is threading.main_thread():
            self._old_handler = signal.signal(signal.SIGTERM, _leave)

    def _let_go_of_sigterm(self) -> None:
        if self._old_handler is not None:
            signal.signal(signal.SIGTERM, self._old_handler)
            self._old_handler = None


def _leave(_: int, __: FrameType | None) -> None:
    raise SystemExit(_SIGTERM_EXIT_CODE)


def _refused(failure: ApiFailure) -> ApiFailure:
    """A refusal of the request by its type; what the API says of the caller, or of itself, stays as it is."""
    code = failure.code
    if code is None or not (code.startswith("grant_") or failure.grant_id is not None):
        return failure
    refused = _refusal_by(code, str(failure), None)
    refused.may_have_arrived = failure.may_have_arrived
    return refused


def _ended(grant: Grant) -> GrantRefusedError:
    if grant.refusal_code is not None:
        told = [f"The broker did not open the grant {grant.id}.", grant.refusal_detail, f"({grant.refusal_code})"]
        return _refusal_by(grant.refusal_code, " ".join(part for part in told if part), grant)
    code = f"grant_{grant.close_reason or 'not_active'}"
    by = grant.closed_by or "the broker"
    return _refusal_by(code, f"The grant {grant.id} ended before it was used: {by} closed it. ({code})", grant)


def _refusal_by(code: str, message: str, grant: Grant | None) -> GrantRefusedError:
    kinds = {"grant_denied": GrantDeniedError, "grant_approval_timed_out": GrantTimedOutError}
    return kinds.get(code, GrantRefusedError)(message, code=code, grant=grant)
