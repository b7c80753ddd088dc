"""Calls of the HTTP API with the standard library alone."""

from __future__ import annotations

import errno
import json
import random
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from .credential import Credential, shown
from .errors import ApiFailure, DoorwardenError

_NO_WAY = frozenset({errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.ENETDOWN})
_ANSWER_BYTES_MAX = 8 * 1024 * 1024
_CALL_SECONDS_MAX = 90.0
_PAUSE_SECONDS_FIRST = 0.2
_PAUSE_SECONDS_MAX = 5.0

#: Refusals that are over in a moment, whatever the call was.
_PASSING_CODES = frozenset({"state_unavailable", "queue_unavailable", "idempotency_key_in_use", "too_many_requests"})
#: What a proxy says of an api that is away: such an answer is no problem document of the API.
_PASSING_STATUSES = frozenset({429, 502, 503, 504})
#: What a limiter answers, the broker's or that of a proxy: it has let nothing through.
_LIMITED_STATUS = 429
_TOLD_FIELDS = frozenset({"type", "title", "status", "code", "detail", "next", "instance", "requestId"})
#: A wrong address should be told soon; an api that has answered before is worth waiting for.
_FIRST_SECONDS_MAX = 5.0


class CallReach:
    """What is known of a call, with all its tries, while it is made and when it is over, however it ended."""

    def __init__(self) -> None:
        #: The API may have done what was asked. True until the call knows better.
        self.may_have_arrived = True


@dataclass(frozen=True)
class Call:
    """A call. `repeats_for_seconds`: it may be sent again for so long, since doing it twice does what once does.
    `reach` is written by the call, for a caller who has to take back what it may have done.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    idempotency_key: str | None = None
    repeats_for_seconds: float = 0
    reach: CallReach = field(default_factory=CallReach)


class _Passing(Exception):
    """A failure that another try may not meet."""

    def __init__(
        self, failure: ApiFailure, pause_seconds: float | None = None, *, may_have_arrived: bool = True
    ) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.pause_seconds = pause_seconds
        self.may_have_arrived = may_have_arrived


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A credential goes nowhere but where it was meant for."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Calls:
    """Sends calls to one api, and again where that is safe."""

    def __init__(self, api: str, credential: Credential, ca_file: str | None = None) -> None:
        address = urlsplit(api)
        if address.scheme not in ("http", "https") or not address.hostname or address.query or address.fragment:
            raise DoorwardenError("The address of the api must be http://HOST[:PORT] or https://HOST[:PORT].")
        if address.username is not None or address.password is not None:
            raise DoorwardenError("The address of the api must not contain a name or a password.")
        self.api = api.rstrip("/")
        self._credential = credential
        self._has_answered = False
        handlers: list[urllib.request.BaseHandler] = [_NoRedirects()]
        if address.scheme == "https":
            handlers.append(urllib.request.HTTPSHandler(context=_trusting(ca_file)))
        self._opener = urllib.request.build_opener(*handlers)

    def send(self, call: Call) -> Any:
        """The body of the answer. Raises `ApiFailure`."""
        begun = time.monotonic()
        pause = _PAUSE_SECONDS_FIRST
        reach = call.reach
        reach.may_have_arrived = False
        while True:
            may_have_before = reach.may_have_arrived
            try:
                return self._send_once(call)
            except ApiFailure as failure:
                # What has no code is no answer of the API: something before it answered, and the call may have gone on.
                reach.may_have_arrived = failure.may_have_arrived = may_have_before or failure.code is None
                raise
            except _Passing as passing:
                reach.may_have_arrived = may_have_before or passing.may_have_arrived
                # A little at random: many clients that lost one api do not come back at the same moment.
                wanted = passing.pause_seconds or pause * (0.5 + random.random())
                patience = call.repeats_for_seconds if self._has_answered else _FIRST_SECONDS_MAX
                if time.monotonic() + wanted > begun + min(patience, call.repeats_for_seconds):
                    passing.failure.may_have_arrived = reach.may_have_arrived
                    raise passing.failure from passing.failure.__cause__
                time.sleep(wanted)
                pause = min(pause * 2, _PAUSE_SECONDS_MAX)

    def _send_once(self, call: Call) -> Any:
        request = urllib.request.Request(f"{self.api}{call.path}", method=call.method)
        # Not a header that a proxy is given, or that follows a redirect.
        request.add_unredirected_header("Authorization", f"Bearer {shown(self._credential)}")
        request.add_header("Accept", "application/json")
        if call.body is not None:
            request.data = json.dumps(call.body).encode()
            request.add_header("Content-Type", "application/json")
        if call.idempotency_key is not None:
            request.add_header("Idempotency-Key", call.idempotency_key)
        deadline = time.monotonic() + _CALL_SECONDS_MAX
        # It is on its way now: whatever ends it before an answer leaves this as it is.
        call.reach.may_have_arrived = True
        try:
            with self._opener.open(request, timeout=_CALL_SECONDS_MAX) as response:
                return self._json(_read(response, deadline))
        except urllib.error.HTTPError as refused:
            with refused:
                raise self._refusal(refused, deadline) from None
        except (OSError, HTTPException) as cause:
            raise self._unreachable(cause) from None

    def _json(self, text: bytes) -> Any:
        self._has_answered = True
        try:
            return None if text == b"" else json.loads(text)
        except ValueError as cause:
            raise ApiFailure(f"What answers at {self.api} is no API of Doorwarden.") from cause

    def _refusal(self, refused: urllib.error.HTTPError, deadline: float) -> Exception:
        try:
            body = json.loads(_read(refused, deadline))
        except (OSError, HTTPException, ValueError):
            body = None
        failure = _failure_of(refused.code, body)
        if failure.code is not None:
            self._has_answered = True
        # With a grant's id, the answer is what happened to that grant: it would be the same again.
        is_passing = failure.code in _PASSING_CODES and failure.grant_id is None
        if is_passing or (failure.code is None and refused.code in _PASSING_STATUSES):
            pause_seconds = _seconds_in(refused.headers.get("Retry-After"))
            return _Passing(failure, pause_seconds, may_have_arrived=refused.code != _LIMITED_STATUS)
        return failure

    def _unreachable(self, cause: Exception) -> Exception:
        reason = cause.reason if isinstance(cause, urllib.error.URLError) else cause
        failure = ApiFailure(f"The API at {self.api} cannot be reached: {reason}.")
        failure.__cause__ = cause
        # A certificate that nobody vouches for is the same a moment later.
        if isinstance(reason, ssl.SSLCertVerificationError):
            return failure
        # Where nobody listens, or is not found, nothing was sent.
        is_unsent = isinstance(reason, (ConnectionRefusedError, socket.gaierror)) or (
            isinstance(reason, OSError) and reason.errno in _NO_WAY
        )
        return _Passing(failure, may_have_arrived=not is_unsent)


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    """Without a file: the authorities of this machine, or of SSL_CERT_FILE."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as cause:
        raise DoorwardenError(f"The file of authorities {ca_file} cannot be read: {cause}.") from cause


def _read(response: Any, deadline: float) -> bytes:
    """The whole body, within a size and a time: a timeout of a socket begins again with each byte."""
    parts: list[bytes] = []
    size = 0
    while part := response.read1(65_536):
        parts.append(part)
        size += len(part)
        if size > _ANSWER_BYTES_MAX:
            raise ApiFailure("The answer of the API is too large.")
        if time.monotonic() > deadline:
            raise TimeoutError(f"no answer in {_CALL_SECONDS_MAX:.0f} s")
    return b"".join(parts)


def _failure_of(status: int, body: Any) -> ApiFailure:
    problem = body if isinstance(body, dict) else {}
    code, title = problem.get("code"), problem.get("title")
    if not isinstance(code, str) or not isinstance(title, str):
        return ApiFailure(f"The API answered {status} without saying why.", status=status)
    check = problem.get("check")
    # Of a refused credential: what to do speaks of it.
    which = f"The check is {check}." if isinstance(check, str) else None
    told = [title, problem.get("detail"), problem.get("next"), which, f"({code})"]
    return ApiFailure(
        " ".join(part for part in told if isinstance(part, str)),
        code=code,
        status=status,
        grant_id=_text_in(problem, "grantId"),
        request_id=_text_in(problem, "requestId"),
        fields={name: value for name, value in problem.items() if name not in _TOLD_FIELDS},
    )


def _text_in(problem: Mapping[str, Any], name: str) -> str | None:
    value = problem.get(name)
    return value if isinstance(value, str) else None


def _seconds_in(header: str | None) -> float | None:
    return float(header) if header is not None and header.isascii() and header.isdigit() else None
