"""The calls of the API that an agent makes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

from .access import access_of_tables, needs_database
from .calls import Call, CallReach, Calls
from .connection import Connection
from .credential import Credential, credential_in
from .errors import ApiFailure, StatementRefusedError
from .holds import held_statement
from .opening import GrantProgress, OpenGrant
from .views import Approval, Grant, Target, Unfit

T = TypeVar("T")

#: How long a call that may be repeated is repeated while the api is away, once it has answered. It holds out while a
#: process of the broker restarts and what it left half done is given up (two minutes).
OUTAGE_SECONDS = 150.0
_WAIT_SECONDS_MAX = 60
_LONG_POLL_SECONDS = 10
_PAGES_MAX = 100


class Client:
    """An agent's side of the API. It has no open connection between two calls, and may be used by several threads.

    `ca_file`: a PEM file of the authorities that the api's certificate may come from, instead of the machine's.
    """

    def __init__(
        self,
        api: str,
        credential: Credential,
        *,
        ca_file: str | os.PathLike[str] | None = None,
        outage_seconds: float = OUTAGE_SECONDS,
    ) -> None:
        self._calls = Calls(api, credential, None if ca_file is None else os.fspath(ca_file))
        self._outage_seconds = outage_seconds

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Client:
        """By `DOORWARDEN_API`, and `DOORWARDEN_API_KEY` or `DOORWARDEN_TOKEN_FILE`.

        `DOORWARDEN_CA_FILE` names a PEM file of authorities.
        """
        given = os.environ if environment is None else environment
        api = given.get("DOORWARDEN_API") or "http://127.0.0.1:8080"
        return cls(api, credential_in(given), ca_file=given.get("DOORWARDEN_CA_FILE") or None)

    @property
    def api(self) -> str:
        return self._calls.api

    def me(self) -> Mapping[str, Any]:
        """Who calls: name, roles, groups, permissions, and how they signed in."""
        body: Mapping[str, Any] = self._as(dict, self._read("/v1/me"))
        return body

    def targets(self) -> list[Target]:
        """The targets that grants can be asked for."""
        found: list[Target] = []
        cursor = ""
        for _ in range(_PAGES_MAX):
            page = self._as(dict, self._read(f"/v1/targets?limit=200{cursor}"))
            found += [self._view(Target.of, each) for each in page.get("items") or ()]
            if page.get("next") is None:
                break
            cursor = f"&cursor={quote(str(page['next']))}"
        return found

    def grant(
        self,
        target: str,
        task: str,
        *,
        reference: str | None = None,
        access: Sequence[Mapping[str, Any]] | None = None,
        read: Sequence[str] = (),
        write: Sequence[str] = (),
        ttl_seconds: int = 1800,
        on_hold: str | None = None,
        wait_seconds: float | None = None,
        on_progress: Callable[[GrantProgress], None] | None = None,
        close_on_sigterm: bool = False,
    ) -> OpenGrant:
        """A grant to use with `with`: entering asks for it and waits, leaving closes it, whatever happened.

        `task` says what it is for, in a sentence; `reference` names a ticket or a run. `access` is a list of rules as
        docs/policies.md has them. `read` and `write` name tables instead, `orders`, `shop.orders` or `shop.*`: those to
        read, and those to read and change. Without any of them the grant reads the target's default database.
        `on_hold="error"`: a statement that people must approve fails with an error that `held_statement` knows,
        instead of waiting. `wait_seconds`: no longer than this for the grant to open; without it, as long as people
        have. `close_on_sigterm`: SIGTERM ends the block as Ctrl-C does (in the main thread).
        """
        return OpenGrant(
            self,
            self._request(target, task, reference, access, read, write, ttl_seconds, on_hold),
            wait_seconds=wait_seconds,
            on_progress=on_progress,
            close_on_sigterm=close_on_sigterm,
        )

    def request_grant(
        self,
        request: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        repeats_for_seconds: float | None = None,
    ) -> Grant:
        """Asks for a grant, with the body of `POST /v1/grants`; `take_connection` has its connection once it is active.

        The same `idempotency_key` gives the same grant, by default it is a new one.
        """
        return self._ask(request, idempotency_key or str(uuid4()), repeats_for_seconds, CallReach())

    def _ask(self, request: Mapping[str, Any], key: str, repeats_for_seconds: float | None, reach: CallReach) -> Grant:
        call = Call(
            "POST",
            # An answer that is lost on its way should not have shown the connection.
            "/v1/grants?connection=later",
            body=request,
            idempotency_key=key,
            repeats_for_seconds=self._outage_seconds if repeats_for_seconds is None else repeats_for_seconds,
            reach=reach,
        )
        return self._view(Grant.of, self._calls.send(call))

    def get_grant(self, grant_id: str, *, wait_seconds: int = 0, while_state: str | None = None) -> Grant:
        """The grant; with `wait_seconds` (60 at most) once its state changes, or when they are over.

        `while_state` is the last state that the caller knows: a change before the call is answered at once.
        """
        seen = "" if while_state is None else f"&while={_id(while_state)}"
        path = f"/v1/grants/{_id(grant_id)}?wait={_waited(wait_seconds)}{seen}"
        return self._view(Grant.of, self._read(path))

    def take_connection(self, grant: Grant) -> Connection:
        """The connection of an active grant. The API shows it once: a second call is `connection_already_fetched`."""
        path = f"/v1/grants/{_id(grant.id)}/connection"
        # Sent again it shows nothing twice: it says that the first answer was lost, or it is the first.
        body = self._calls.send(Call("POST", path, repeats_for_seconds=self._outage_seconds))
        return self._view(lambda given: Connection.of(given, grant), body)

    def close_grant(self, grant_id: str, *, wait_seconds: int = 0, repeats_for_seconds: float | None = None) -> Grant:
        """Ends the task; with `wait_seconds` (60 at most) once its recording is sealed, or when they are over."""
        repeats = self._outage_seconds if repeats_for_seconds is None else repeats_for_seconds
        path = f"/v1/grants/{_id(grant_id)}/close?wait={_waited(wait_seconds)}"
        # Closing what is closed changes nothing, so it needs no key to be repeated.
        return self._view(Grant.of, self._calls.send(Call("POST", path, repeats_for_seconds=repeats)))

    def get_approval(self, approval_id: str, *, wait_seconds: int = 0, while_revision: int | None = None) -> Approval:
        """A question about a grant of one's own; with `wait_seconds` (60 at most) once it changes.

        `while_revision` is the last revision that the caller knows: a change before the call is answered at once.
        """
        seen = "" if while_revision is None else f"&revision={while_revision}"
        path = f"/v1/approvals/{_id(approval_id)}?wait={_waited(wait_seconds)}{seen}"
        return self._view(lambda body: Approval.of(body, self.api), self._read(path))

    def wait_for_approval(
        self,
        approval_id: str,
        *,
        wait_seconds: float | None = None,
        on_progress: Callable[[Approval], None] | None = None,
    ) -> Approval:
        """Waits until people have approved a statement; then it runs when the same is sent again.

        `on_progress` is told at once, at every change, and every 10 seconds. Raises `StatementRefusedError`
        when it will not run, and TimeoutError when the caller's own `wait_seconds` are over: the question stays open.
        """
        until = None if wait_seconds is None else time.monotonic() + wait_seconds
        approval = self.get_approval(approval_id)
        while approval.state == "pending":
            if on_progress is not None:
                on_progress(approval)
            left = _LONG_POLL_SECONDS if until is None else until - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"Approval {approval_id} still waits for people.")
            wait = max(1, min(_LONG_POLL_SECONDS, int(left)))
            approval = self.get_approval(approval_id, wait_seconds=wait, while_revision=approval.revision)
        if approval.state == "approved":
            return approval
        raise _refused_statement(approval)

    def send_approved(
        self,
        send: Callable[[], T],
        *,
        wait_seconds: float | None = None,
        on_progress: Callable[[Approval], None] | None = None,
    ) -> T:
        """Calls `send`, which sends one statement of a grant with `on_hold="error"`. Where it is held, waits for people
        and calls `send` once more. It must send the same both times: the same text, values and database, and in a
        transaction both times or neither time. Any other error is the driver's own.
        """
        try:
            return send()
        except Exception as error:
            held = held_statement(error)
            if held is None:
                raise
        self.wait_for_approval(held.approval, wait_seconds=wait_seconds, on_progress=on_progress)
        return send()

    def _request(
        self,
        target: str,
        task: str,
        reference: str | None,
        access: Sequence[Mapping[str, Any]] | None,
        read: Sequence[str],
        write: Sequence[str],
        ttl_seconds: int,
        on_hold: str | None,
    ) -> Mapping[str, Any]:
        if access is not None and (read or write):
            raise ValueError("Give access, or read and write, not both.")
        if read or write:
            access = self._access_of_tables(target, read, write)
        return {
            "target": target,
            "task": {"title": task, **({} if reference is None else {"reference": reference})},
            **({} if access is None else {"access": list(access)}),
            "ttlSeconds": ttl_seconds,
            **({} if on_hold is None else {"onHold": on_hold}),
        }

    def _access_of_tables(self, target: str, read: Sequence[str], write: Sequence[str]) -> list[Mapping[str, Any]]:
        database = None
        if needs_database([*read, *write]):
            found = self._view(Target.of, self._read(f"/v1/targets/{quote(target, safe='')}"))
            database = found.default_database
            if database is None:
                raise ValueError(f"{target} has no default database: name tables with theirs, such as shop.orders.")
        return access_of_tables(read, write, database)

    def _read(self, path: str) -> Any:
        return self._calls.send(Call("GET", path, repeats_for_seconds=self._outage_seconds))

    def _view(self, view: Callable[[Any], T], body: Any) -> T:
        try:
            return view(body)
        except (Unfit, AttributeError, TypeError) as cause:
            failure = ApiFailure(f"What answers at {self.api} is no API of Doorwarden: {cause}.")
            failure.may_have_arrived = True
            raise failure from None

    def _as(self, kind: type[T], body: Any) -> T:
        if not isinstance(body, kind):
            raise ApiFailure(f"What answers at {self.api} is no API of Doorwarden.")
        return body


def _id(text: str) -> str:
    return quote(text, safe="")


def _waited(seconds: int) -> int:
    return max(0, min(int(seconds), _WAIT_SECONDS_MAX))


def _refused_statement(approval: Approval) -> StatementRefusedError:
    told = approval.told
    message = (told and told.text) or f"Approval {approval.id} is {approval.state}: the statement did not run."
    code = (told and told.code) or f"approval_{approval.state.replace('-', '_')}"
    return StatementRefusedError(message, code=code, approval=approval)
