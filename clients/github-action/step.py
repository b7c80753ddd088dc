"""The steps of the action: `run` runs the command with a grant, `close` closes what a killed step has left."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
# The client is in the same repository as the action, so that a runner needs nothing but Python.
sys.path[:0] = [str(HERE), str(HERE.parent / "python" / "src")]
if sys.version_info < (3, 10):
    sys.exit("::error title=Doorwarden::This runner's python3 is older than 3.10. Set up a newer one before this step.")

import doorwarden  # noqa: E402
from id_token import IdToken  # noqa: E402
from workflow import OpenGrants, Workflow  # noqa: E402

#: The runner sends SIGINT to a step that is cancelled, SIGTERM 7.5 s later, and kills it after 2.5 s more.
STOP_SECONDS_MAX = 3.0
CANCELLED = 128 + signal.SIGINT
#: Of the step itself, and not of its command; `doorwarden run` has the same.
NO_GRANT = 125
#: With these a program gets tokens of the workflow: for the broker and for anything else that trusts them.
_ID_TOKEN_NAMES = frozenset({"ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"})
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Wrong(Exception):
    """An input that makes no sense."""


def main(step: str, environment: Mapping[str, str]) -> int:
    workflow = Workflow(environment)
    # Where the runner cleans up, also after a step that was killed.
    tempfile.tempdir = environment.get("RUNNER_TEMP") or None
    grants = OpenGrants(environment)
    try:
        if step == "close":
            return close_left(workflow, grants, environment)
        return Step(workflow, grants, environment).run()
    except Wrong as wrong:
        workflow.error(str(wrong))
        return NO_GRANT
    except doorwarden.DoorwardenError as failure:
        workflow.error(str(failure))
        return NO_GRANT
    except KeyboardInterrupt:
        return CANCELLED


def client_of(workflow: Workflow, environment: Mapping[str, str]) -> doorwarden.Client:
    api = needed("api", environment)
    token = IdToken(environment, audience=given("audience", environment) or api.rstrip("/"), hide=workflow.hide)
    return doorwarden.Client(api, token.current, ca_file=given("ca-file", environment) or None)


def close_left(workflow: Workflow, grants: OpenGrants, environment: Mapping[str, str]) -> int:
    left = grants.left()
    if not left:
        return 0
    client = client_of(workflow, environment)
    for grant_id in left:
        client.close_grant(grant_id)
        grants.remove(grant_id)
        workflow.say(f"Closed the grant {grant_id}, which the step before has left.")
    return 0


class Step:
    def __init__(self, workflow: Workflow, grants: OpenGrants, environment: Mapping[str, str]) -> None:
        self.workflow = workflow
        self.grants = grants
        self.environment = environment
        self.told: str | None = None
        self.grant: doorwarden.Grant | None = None
        self.ending = "It was not opened."

    def run(self) -> int:
        command = needed("run", self.environment)
        opened = client_of(self.workflow, self.environment).grant(
            needed("target", self.environment),
            needed("task", self.environment),
            on_progress=self.tell,
            close_on_sigterm=True,
            **self.options(),
        )
        try:
            with opened as connection:
                self.hide(connection)
                self.ending = "The command did not end by itself."
                code = run_command(
                    command, self.command_environment(connection), given("working-directory", self.environment)
                )
            self.ending = f"The command ended with {code}."
            self.tell_end(opened)
            return code
        except doorwarden.GrantRefusedError as refusal:
            self.ending = str(refusal)
            raise
        finally:
            if opened.grant is not None and opened.grant.state != "active":
                self.grants.remove(opened.grant.id)
            self.summarise()

    def keeps_id_token(self) -> bool:
        keep = given("keep-id-token", self.environment) or "false"
        if keep not in ("true", "false"):
            raise Wrong("keep-id-token is true or false.")
        return keep == "true"

    def options(self) -> dict[str, Any]:
        self.keeps_id_token()  # said before anything is asked for
        wait, hold = given("wait", self.environment), given("on-hold", self.environment) or "wait"
        if hold not in ("wait", "error"):
            raise Wrong("on-hold is wait or error.")
        access = given("access", self.environment)
        read, write = (given(name, self.environment).split() for name in ("read", "write"))
        if access and (read or write):
            raise Wrong("Give access, or read and write, not both.")
        return {
            "reference": given("reference", self.environment) or None,
            "read": read,
            "write": write,
            "access": rules_in(access) if access else None,
            "ttl_seconds": seconds_in("ttl", given("ttl", self.environment) or "30m"),
            "wait_seconds": seconds_in("wait", wait) if wait else None,
            "on_hold": hold,
        }

    def tell(self, progress: doorwarden.GrantProgress) -> None:
        if self.grant is None:
            self.grants.add(progress.grant.id)
            self.workflow.output("grant", progress.grant.id)
        self.grant = progress.grant
        news = f"Grant {progress.grant.id} is open."
        if isinstance(progress, doorwarden.WaitsForGateway):
            news = f"Grant {progress.grant.id} waits for a gateway."
        if isinstance(progress, doorwarden.WaitsForPeople):
            approval = progress.approval
            whom = " and ".join(approval.groups) or "an approver"
            until = f"{approval.expires_at:%H:%M:%S} UTC"
            news = f"The grant waits for {whom} until {until}: {approval.link}"
            if news != self.told:
                self.workflow.notice(news)
        elif news != self.told:
            self.workflow.say(news)
        self.told = news

    def tell_end(self, opened: doorwarden.OpenGrant) -> None:
        """A command whose grant ended under it has failed with an error of its database, or has not noticed."""
        reason = None if opened.grant is None else opened.grant.close_reason
        if reason not in (None, "completed"):
            self.ending += f" The grant had ended before it: {reason}."
            self.workflow.error(self.ending)

    def hide(self, connection: doorwarden.Connection) -> None:
        for secret in (connection.password, quote(connection.password, safe=""), connection.dsn):
            self.workflow.hide(secret)

    def command_environment(self, connection: doorwarden.Connection) -> dict[str, str]:
        left_out = frozenset() if self.keeps_id_token() else _ID_TOKEN_NAMES
        own = {
            name: value
            for name, value in self.environment.items()
            if not name.startswith("DOORWARDEN_INPUT_") and name not in left_out
        }
        return {**own, **connection.environment()}

    def summarise(self) -> None:
        rows = {"Target": given("target", self.environment), "Task": given("task", self.environment)}
        if self.grant is not None:
            rows["Recording"] = self.grant.id
        rows["End"] = self.ending
        self.workflow.summary("Doorwarden", rows)


def run_command(command: str, environment: Mapping[str, str], folder: str) -> int:
    """Runs the command as a step of a workflow does; gives its exit code, as a shell has it of a signal."""
    with tempfile.NamedTemporaryFile("w", suffix=".sh", encoding="utf-8") as script:
        script.write(command)
        script.flush()
        words = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script.name]
        sys.stdout.flush()
        try:
            # In a group of its own: what it has started ends with it.
            process = subprocess.Popen(words, env=environment, cwd=folder or ".", start_new_session=True)
        except OSError as cause:
            raise Wrong(f"The command cannot be started in {folder}: {cause.strerror}.") from cause
        try:
            code = process.wait()
        except BaseException:
            stop(process)
            raise
    return code if code >= 0 else 128 - code


def stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_SECONDS_MAX)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def given(name: str, environment: Mapping[str, str]) -> str:
    return environment.get(f"DOORWARDEN_INPUT_{name.upper().replace('-', '_')}", "").strip()


def needed(name: str, environment: Mapping[str, str]) -> str:
    value = given(name, environment)
    if not value:
        raise Wrong(f"The input {name} is empty.")
    return value


def seconds_in(name: str, text: str) -> int:
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if found is None or int(found[1]) == 0:
        raise Wrong(f"{name} is a time such as 45s, 30m or 2h.")
    return int(found[1]) * _UNIT_SECONDS[found[2]]


def rules_in(text: str) -> list[Mapping[str, Any]]:
    try:
        rules = json.loads(text)
    except ValueError:
        raise Wrong('access is JSON, such as [{"database":"shop","privileges":["SELECT"]}].') from None
    rules = rules if isinstance(rules, list) else [rules]
    if not all(isinstance(rule, dict) for rule in rules):
        raise Wrong("access is a list of rules.")
    return rules


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.environ))
