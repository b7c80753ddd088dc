"""The connection of a grant, in the forms that drivers take."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .errors import DoorwardenError
from .views import Grant, Unfit, _number, _of, _text, _text_or_none

#: The name of a file comes from the API: it stays in the folder.
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


@dataclass
class Connection:
    """What a client needs to use a grant. It is shown once, and nothing of it that is secret is in its `repr`."""

    grant: Grant
    protocol: str
    host: str
    port: int
    username: str
    password: str = field(repr=False)
    database: str | None
    ca: str = field(repr=False)
    dsn: str = field(repr=False)
    _env: Mapping[str, str] = field(repr=False)
    _files: Mapping[str, str] = field(repr=False)
    _folder_env: tuple[str, ...] = field(repr=False)
    _clients: Mapping[str, Any] = field(repr=False)
    _folder: Path | None = field(default=None, repr=False)

    @classmethod
    def of(cls, body: Any, grant: Grant) -> Connection:
        env, files = _of(body, "env", dict), _of(body, "files", dict)
        for name, text in [*env.items(), *files.items()]:
            if not isinstance(text, str):
                raise Unfit(f"{name} is no text")
        for name in files:
            if not name or set(name) - _NAME_CHARACTERS or name.startswith("."):
                raise Unfit("a file has no plain name")
        return cls(
            grant=grant,
            protocol=_text(body, "protocol"),
            host=_text(body, "host"),
            port=_number(body, "port"),
            username=_text(body, "username"),
            password=_text(body, "password"),
            database=_text_or_none(body, "database"),
            ca=_text(_of(body, "tls", dict), "ca"),
            dsn=_text(body, "dsn"),
            _env=env,
            _files=files,
            _folder_env=tuple(name for name in _of(body, "folderEnv", list) if isinstance(name, str)),
            _clients=_of(body, "clients", dict),
        )

    @property
    def folder(self) -> Path:
        """A folder for this user alone with the files of the connection: the authority, and files of options.

        It is made when it is first asked for, and removed when the grant is closed.
        """
        if self._folder is None:
            folder = Path(tempfile.mkdtemp(prefix="doorwarden-"))  # mode 700
            self._folder = folder
            for name, text in self._files.items():
                _write_privately(folder / name, self._with_paths(name, text, folder))
        return self._folder

    def environment(self) -> dict[str, str]:
        """Variables that clients and tools read, such as MYSQL_HOST and DATABASE_URL: `{**os.environ, **these}`.

        With them `mariadb`, `mysql` and `mysqldump` connect without any option.
        """
        return {
            **{name: self._placed(value) for name, value in self._env.items()},
            **{name: str(self.folder) for name in self._folder_env},
            "DOORWARDEN_GRANT": self.grant.id,
            "DOORWARDEN_FILES": str(self.folder),
        }

    def pymysql(self) -> dict[str, Any]:
        """The arguments of `pymysql.connect`, with the endpoint's authority and its host verified."""
        options = self._client("pymysql").get("options")
        if not isinstance(options, dict):
            raise DoorwardenError(f"A grant on {self.protocol} has no form for PyMySQL.")
        return {name: self._placed(value) for name, value in options.items()}

    def sqlalchemy_url(self) -> str:
        """The argument of `sqlalchemy.create_engine`; the driver is PyMySQL."""
        url = self._client("sqlalchemy").get("url")
        if not isinstance(url, str):
            raise DoorwardenError(f"A grant on {self.protocol} has no form for SQLAlchemy.")
        parts = urlsplit(url)
        query = [(name, self._placed(value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
        return urlunsplit(parts._replace(query=urlencode(query)))

    def remove_files(self) -> None:
        """Removes `folder`. Closing the grant does it too."""
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _client(self, name: str) -> Mapping[str, Any]:
        form = self._clients.get(name)
        return form if isinstance(form, dict) else {}

    def _placed(self, value: Any) -> Any:
        """The path of a file, where the value is the name of one."""
        return str(self.folder / value) if isinstance(value, str) and value in self._files else value

    def _with_paths(self, name: str, text: str, folder: Path) -> str:
        """A file of options that works wherever its reader runs: it names the other files by their paths."""
        for other in self._files:
            if other != name:
                text = text.replace(f'"{other}"', f'"{_escaped(folder / other)}"')
        return text


def _escaped(path: Path) -> str:
    return str(path).replace("\\", "\\\\")


def _write_privately(path: Path, text: str) -> None:
    # O_EXCL follows no link and takes no file that somebody else has made.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
