"""What a client shows to the API."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from .errors import DoorwardenError

#: An API key or a token, or a function that gives it and is asked before each call.
Credential = str | Callable[[], str]

_FILE_BYTES_MAX = 65_536


def token_file(path: str | os.PathLike[str]) -> Callable[[], str]:
    """A credential in a file that is read before each call: such tokens are replaced while a program runs."""

    def read() -> str:
        try:
            with Path(path).open("rb") as file:
                text = file.read(_FILE_BYTES_MAX + 1)
        except OSError as cause:
            raise DoorwardenError(f"The token file {os.fspath(path)} cannot be read: {cause.strerror}.") from cause
        if len(text) > _FILE_BYTES_MAX:
            raise DoorwardenError(f"The token file {os.fspath(path)} is too large to be a token.")
        return text.decode("ascii", errors="replace").strip()

    return read


def credential_in(environment: Mapping[str, str]) -> Credential:
    """`DOORWARDEN_API_KEY`, or the file that `DOORWARDEN_TOKEN_FILE` names. Both together are refused."""
    key = environment.get("DOORWARDEN_API_KEY", "")
    path = environment.get("DOORWARDEN_TOKEN_FILE", "")
    if key and path:
        raise DoorwardenError("Set DOORWARDEN_API_KEY or DOORWARDEN_TOKEN_FILE, and not both.")
    if path:
        return token_file(path)
    if key:
        return key
    raise DoorwardenError("Set DOORWARDEN_API_KEY to an agent's key, or DOORWARDEN_TOKEN_FILE to the file of a token.")


def shown(credential: Credential) -> str:
    """The text that goes into the header `Authorization`."""
    text = credential if isinstance(credential, str) else credential()
    if not text or not all("!" <= character <= "~" for character in text):
        # The text itself stays out of the message: it may be a secret with one wrong character.
        raise DoorwardenError("The credential is empty, or has characters that no key and no token has.")
    return text
