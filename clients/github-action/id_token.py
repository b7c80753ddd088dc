"""The workflow's own token, which GitHub signs for one audience and for minutes.

https://docs.github.com/en/actions/reference/security/oidc
"""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

from doorwarden import DoorwardenError

_ANSWER_BYTES_MAX = 65_536
_CALL_SECONDS_MAX = 30
_TRIES_MAX = 4
#: A token that ends sooner is not used any more: a call may wait for a minute before it is looked at.
_LEFT_SECONDS_MIN = 90


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class IdToken:
    """Asks the runner for a token when the last one is about to end. `hide` is told of each before it is used."""

    def __init__(self, environment: Mapping[str, str], *, audience: str, hide: Callable[[str], None]) -> None:
        url = environment.get("ACTIONS_ID_TOKEN_REQUEST_URL")
        key = environment.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
        if not url or not key:
            raise DoorwardenError(
                "The job may not ask for a token. Give it `permissions: id-token: write`. "
                "Workflows of pull requests from forks cannot have it."
            )
        self._url = f"{url}{'&' if '?' in url else '?'}audience={quote(audience, safe='')}"
        self._key = key
        self._hide = hide
        self._token = ""
        self._until = 0.0

    def current(self) -> str:
        if time.time() > self._until - _LEFT_SECONDS_MIN:
            self._token = self._asked()
            self._hide(self._token)
            self._until = _end_of(self._token)
        return self._token

    def _asked(self) -> str:
        for tries in range(_TRIES_MAX):
            try:
                return self._ask_once()
            except (OSError, HTTPException, ValueError) as cause:
                is_refused = isinstance(cause, urllib.error.HTTPError) and cause.code < 500
                if is_refused or tries + 1 == _TRIES_MAX:
                    raise DoorwardenError(f"GitHub gave no token for the job: {cause}.") from cause
                time.sleep(2**tries)
        raise AssertionError("the last try returns or raises")

    def _ask_once(self) -> str:
        request = urllib.request.Request(self._url, headers={"Accept": "application/json"})
        request.add_unredirected_header("Authorization", f"bearer {self._key}")
        opener = urllib.request.build_opener(_NoRedirects())
        with opener.open(request, timeout=_CALL_SECONDS_MAX) as response:
            answer = json.loads(response.read(_ANSWER_BYTES_MAX))
        token = answer.get("value") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise ValueError("the answer has no token")
        return token


def _end_of(token: str) -> float:
    """What the token says of its end. The broker verifies it; here it is only a reason to ask for a new one."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError):
        return 0.0  # asked for again before each call
