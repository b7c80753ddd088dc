"""What a step says to the runner: commands on standard output, and files that it names.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import html
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

_GRANT_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{26}")


class Workflow:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def say(self, text: str) -> None:
        """One line that is no command, whatever is in the text."""
        print(f"Doorwarden: {_one_line(text)}", flush=True)

    def notice(self, text: str) -> None:
        print(f"::notice title=Doorwarden::{_escaped(text)}", flush=True)

    def error(self, text: str) -> None:
        print(f"::error title=Doorwarden::{_escaped(text)}", flush=True)

    def hide(self, secret: str) -> None:
        """From now on the runner writes *** in its place."""
        print(f"::add-mask::{_escaped(secret)}", flush=True)

    def output(self, name: str, value: str) -> None:
        self._append("GITHUB_OUTPUT", f"{name}={_one_line(value)}\n")

    def summary(self, title: str, rows: Mapping[str, str]) -> None:
        lines = [f"| {name} | <code>{_cell(value)}</code> |" for name, value in rows.items()]
        self._append("GITHUB_STEP_SUMMARY", "\n".join([f"### {title}", "", "| | |", "| --- | --- |", *lines, "", ""]))

    def _append(self, name: str, text: str) -> None:
        path = self._environment.get(name)
        if path:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(text)


class OpenGrants:
    """The grants of this job that a step has not closed yet, in a file that outlives the step."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._file = Path(environment.get("RUNNER_TEMP") or ".", "doorwarden-open-grants")

    def left(self) -> list[str]:
        try:
            return [line for line in self._file.read_text().split() if _GRANT_ID.fullmatch(line)]
        except FileNotFoundError:
            return []

    def add(self, grant_id: str) -> None:
        self._write([*self.left(), grant_id])

    def remove(self, grant_id: str) -> None:
        self._write([each for each in self.left() if each != grant_id])

    def _write(self, grant_ids: list[str]) -> None:
        if not grant_ids:
            self._file.unlink(missing_ok=True)
            return
        new = self._file.with_suffix(".new")
        new.write_text("".join(f"{each}\n" for each in grant_ids))
        os.replace(new, self._file)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    """Plain text in a table of Markdown: no markup of anybody else."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~:@-])", lambda found: f"&#{ord(found[1])};", html.escape(_one_line(text)))


if sys.platform == "win32":
    sys.exit("::error title=Doorwarden::This action runs on Linux and macOS.")
