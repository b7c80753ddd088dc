from __future__ import annotations

import stat
import unittest
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from doorwarden import (
    ApiFailure,
    Client,
    Connection,
    ConnectionLostError,
    GrantDeniedError,
    GrantNotClosedError,
    GrantNotClosedWarning,
    GrantProgress,
    GrantRefusedError,
    GrantTimedOutError,
    WaitsForPeople,
)
from doorwarden.calls import Call
from doorwarden.opening import OpenGrant
from scripted_api import (
    APPROVAL_ID,
    GRANT_ID,
    Reply,
    Script,
    ScriptedApi,
    approval,
    asked_of_people,
    connection,
    grant,
    problem,
)

GRANTS = "/v1/grants"
GRANT = f"{GRANTS}/{GRANT_ID}"
CLOSE = f"{GRANT}/close"
TAKE = f"{GRANT}/connection"


def scripts(changes: dict[str, Script] | None = None) -> dict[str, Script]:
    """A grant that opens at once, and is closed."""
    usual = {
        f"POST {GRANTS}": [Reply(grant("active"), 201)],
        f"POST {TAKE}": [Reply(connection())],
        f"POST {CLOSE}": [Reply(grant("closing"))],
    }
    return {**usual, **(changes or {})}


def use(api: ScriptedApi, **options: Any) -> Connection:
    with Client(api.url, "key").grant("shop", "Count", **options) as given:
        return given


class Tries:
    """A client whose calls go so, one after the other, for one `with` block. After the last of them its patience is
    over, and the api is as it should be. The clock of the calls is the test's own.
    """

    def __init__(self, tries: list[Reply | BaseException]) -> None:
        self._tries = tries
        self._begun = 0
        replies = [each for each in tries if isinstance(each, Reply)]
        self.api = ScriptedApi(scripts({f"POST {GRANTS}": [*replies, Reply(grant("active"), 201)]}))

    def __enter__(self) -> Tries:
        self.api.__enter__()
        self.client = Client(self.api.url, "key")
        calls = self.client._calls
        send_once = calls._send_once

        def begin(call: Call) -> Any:
            self._begun += 1
            now = self._tries[self._begun - 1] if self._begun <= len(self._tries) else None
            if isinstance(now, KeyboardInterrupt):
                raise now  # before anything is sent
            if isinstance(now, ConnectionRefusedError):
                raise calls._unreachable(now)
            return send_once(call)

        self._patched: list[Any] = [
            patch.object(calls, "_send_once", begin),
            patch("doorwarden.calls.time", SimpleNamespace(monotonic=self._now, sleep=lambda _: None)),
        ]
        for each in self._patched:
            each.start()
        return self

    def _now(self) -> float:
        return 0 if self._begun < len(self._tries) else 1_000

    def __exit__(self, *raised: Any) -> None:
        for each in self._patched:
            each.stop()
        self.api.__exit__(*raised)


class UsedGrant(unittest.TestCase):
    def test_is_asked_for_and_closed(self) -> None:
        with ScriptedApi(scripts()) as api:
            with Client(api.url, "key").grant("shop", "Count", reference="T-1", ttl_seconds=60) as given:
                self.assertEqual((given.host, given.port, given.grant.id), ("127.0.0.1", 4000, GRANT_ID))
                self.assertEqual(api.asked("POST", CLOSE), [])
            self.assertEqual(len(api.asked("POST", CLOSE)), 1)
            (asked,) = api.asked("POST", GRANTS)
        self.assertEqual(
            asked.body, {"target": "shop", "task": {"title": "Count", "reference": "T-1"}, "ttlSeconds": 60}
        )

    def test_is_closed_whatever_its_block_raises(self) -> None:
        for error in (ValueError("mine"), KeyboardInterrupt(), SystemExit(3)):
            with self.subTest(error=error), ScriptedApi(scripts()) as api:
                with self.assertRaises(type(error)), Client(api.url, "key").grant("shop", "Count"):
                    raise error
                self.assertEqual(len(api.asked("POST", CLOSE)), 1)

    def test_that_cannot_be_closed_says_what_ends_it(self) -> None:
        with ScriptedApi(scripts({f"POST {CLOSE}": [problem(500, "internal")]})) as api:
            with self.assertRaisesRegex(GrantNotClosedError, "ends by itself at 2026-11-30 10:00:00 UTC"):
                use(api)
            # The error of the block counts; the other one is a warning.
            with self.assertWarns(GrantNotClosedWarning), self.assertRaisesRegex(ValueError, "mine"):
                with Client(api.url, "key").grant("shop", "Count"):
                    raise ValueError("mine")

    def test_that_ended_by_itself_is_closed_enough(self) -> None:
        with ScriptedApi(scripts({f"POST {CLOSE}": [problem(409, "grant_not_active")]})) as api:
            with warnings.catch_warnings():
                warnings.simplefilter("error", GrantNotClosedWarning)
                use(api)

    def test_is_used_once(self) -> None:
        with ScriptedApi(scripts()) as api:
            once = Client(api.url, "key").grant("shop", "Count")
            with once:
                pass
            with self.assertRaises(RuntimeError), once:
                pass


class WaitingGrant(unittest.TestCase):
    def test_tells_of_a_gateway_and_of_its_end(self) -> None:
        slow = {
            f"POST {GRANTS}": [Reply(grant("requested"), 201)],
            f"GET {GRANT}": [Reply(grant("requested")), Reply(grant("active"))],
        }
        told: list[GrantProgress] = []
        with ScriptedApi(scripts(slow)) as api:
            use(api, on_progress=told.append)
        self.assertEqual([type(each).__name__ for each in told], ["WaitsForGateway", "WaitsForGateway", "Active"])

    def test_tells_whom_it_asks_and_where_they_decide(self) -> None:
        held = {
            f"POST {GRANTS}": [Reply(grant("requested", **asked_of_people()), 201)],
            f"GET /v1/approvals/{APPROVAL_ID}": [Reply(approval("pending"))],
            f"GET {GRANT}": [Reply(grant("active", approval={"id": APPROVAL_ID}))],
        }
        told: list[GrantProgress] = []
        with ScriptedApi(scripts(held)) as api:
            use(api, on_progress=told.append)
        first = told[0]
        assert isinstance(first, WaitsForPeople)
        self.assertEqual(first.approval.groups, ("dba",))
        self.assertEqual(first.approval.link, f"{api.url}/approvals/{APPROVAL_ID}")

    def test_that_is_refused_is_a_typed_error(self) -> None:
        cases: list[tuple[str, type[GrantRefusedError]]] = [
            ("grant_denied", GrantDeniedError),
            ("grant_approval_timed_out", GrantTimedOutError),
            ("target_unreachable", GrantRefusedError),
        ]
        for code, kind in cases:
            refused = grant("refused", refusal={"code": code, "detail": "Too much."})
            script = {f"POST {GRANTS}": [Reply(grant("requested"), 201)], f"GET {GRANT}": [Reply(refused)]}
            with self.subTest(code=code), ScriptedApi(scripts(script)) as api:
                with self.assertRaisesRegex(kind, "Too much") as caught:
                    use(api)
                self.assertIs(type(caught.exception), kind)
                self.assertEqual(caught.exception.code, code)
                self.assertEqual(api.asked("POST", CLOSE), [])

    def test_that_waits_longer_than_its_caller_wants_is_closed(self) -> None:
        held = {f"POST {GRANTS}": [Reply(grant("requested"), 201)]}
        with ScriptedApi(scripts(held)) as api:
            with self.assertRaisesRegex(GrantTimedOutError, "was closed"):
                use(api, wait_seconds=0)
            self.assertEqual(len(api.asked("POST", CLOSE)), 1)

    def test_whose_progress_is_interrupted_is_closed(self) -> None:
        def interrupt(_: GrantProgress) -> None:
            raise KeyboardInterrupt

        with ScriptedApi(scripts({f"POST {GRANTS}": [Reply(grant("requested"), 201)]})) as api:
            with self.assertRaises(KeyboardInterrupt):
                use(api, on_progress=interrupt)
            self.assertEqual(len(api.asked("POST", CLOSE)), 1)

    def test_that_is_interrupted_while_it_is_asked_for_is_found_and_closed(self) -> None:
        calls = 0

        def credential() -> str:
            # The first call is cut, so that it is sent again; then Ctrl-C comes.
            nonlocal calls
            calls += 1
            if calls == 2:
                raise KeyboardInterrupt
            return "key"

        script = {f"POST {GRANTS}": [Reply(is_cut=True), Reply(grant("requested"), 201)]}
        with ScriptedApi(scripts(script)) as api:
            with self.assertRaises(KeyboardInterrupt), Client(api.url, credential).grant("shop", "Count"):
                pass
            asked = api.asked("POST", GRANTS)
            self.assertEqual((len(asked), len({each.headers["idempotency-key"] for each in asked})), (2, 1))
            self.assertEqual(len(api.asked("POST", CLOSE)), 1)

    def test_whose_answer_never_comes_is_found_and_closed(self) -> None:
        lost = [Reply(is_cut=True), Reply(grant("active"), 201)]
        with ScriptedApi(scripts({f"POST {GRANTS}": lost})) as api:
            with self.assertRaisesRegex(ApiFailure, "cannot be reached"):
                with Client(api.url, "key", outage_seconds=0).grant("shop", "Count"):
                    pass
            asked = api.asked("POST", GRANTS)
            self.assertEqual((len(asked), len({each.headers["idempotency-key"] for each in asked})), (2, 1))
            self.assertEqual(len(api.asked("POST", CLOSE)), 1)

    def test_whose_answer_something_before_the_api_replaced_is_found_and_closed(self) -> None:
        for replaced in (Reply(text=b"<html>", status=520), Reply(text=b"<html>")):
            with ScriptedApi(scripts({f"POST {GRANTS}": [replaced, Reply(grant("active"), 201)]})) as api:
                with self.assertRaises(ApiFailure), Client(api.url, "key").grant("shop", "Count"):
                    pass
                self.assertEqual(len(api.asked("POST", CLOSE)), 1)

    def test_whose_answer_never_comes_and_that_was_refused_leaves_nothing_to_close(self) -> None:
        lost = [Reply(is_cut=True), problem(409, "grant_denied")]
        with ScriptedApi(scripts({f"POST {GRANTS}": lost})) as api:
            with self.assertRaisesRegex(ApiFailure, "cannot be reached"):
                with Client(api.url, "key", outage_seconds=0).grant("shop", "Count"):
                    pass
            self.assertEqual(api.asked("POST", CLOSE), [])

    def test_that_was_never_sent_is_not_asked_for_once_more(self) -> None:
        calls: list[str] = []

        def credential() -> str:
            calls.append("key")
            return "key"

        with ScriptedApi({}) as gone:
            pass
        with self.assertRaises(ApiFailure), Client(gone.url, credential, outage_seconds=0).grant("shop", "Count"):
            pass
        self.assertEqual(len(calls), 1)

    def test_whose_last_try_is_what_ends_it_is_asked_for_once_more_where_any_try_may_have_arrived(self) -> None:
        limited = problem(429, "too_many_requests")
        lost, between = Reply(is_cut=True), Reply(text=b"<html>", status=502)
        cases: list[tuple[str, list[Reply | BaseException], bool]] = [
            ("only the limiter's", [limited, limited], False),
            ("a limiter's of a proxy", [Reply(text=b"<html>", status=429)], False),
            ("nobody listened, then the limiter's", [ConnectionRefusedError(), limited], False),
            ("the limiter's, then nobody listened", [limited, ConnectionRefusedError()], False),
            ("the limiter's, then refused", [limited, problem(403, "forbidden")], False),
            ("the limiter's, then interrupted in the pause", [limited, KeyboardInterrupt()], False),
            ("the limiter's, then lost", [limited, lost], True),
            ("lost, then the limiter's", [lost, limited], True),
            ("lost, then nobody listened", [lost, ConnectionRefusedError()], True),
            ("lost, then refused", [lost, problem(403, "forbidden")], True),
            ("lost, then interrupted in the pause", [lost, KeyboardInterrupt()], True),
            ("something in between, then the limiter's", [between, limited, limited], True),
            ("the API's own trouble", [problem(503, "state_unavailable")], True),
            ("an earlier try goes on", [limited, problem(409, "idempotency_key_in_use")], True),
        ]
        for name, tries, is_asked_again in cases:
            with self.subTest(name), Tries(tries) as scripted:
                with self.assertRaises((ApiFailure, KeyboardInterrupt)) as caught:
                    with scripted.client.grant("shop", "Count"):
                        pass
                asked = scripted.api.asked("POST", GRANTS)
                sent = sum(isinstance(each, Reply) for each in tries)
                self.assertEqual(len(asked), sent + (1 if is_asked_again else 0))
                self.assertEqual(len({each.headers["idempotency-key"] for each in asked}), 1)
                self.assertEqual(len(scripted.api.asked("POST", CLOSE)), 1 if is_asked_again else 0)
                if isinstance(caught.exception, ApiFailure):
                    self.assertEqual(caught.exception.may_have_arrived, is_asked_again)

    def test_that_is_interrupted_when_it_has_its_connection_is_closed(self) -> None:
        class Interrupted(OpenGrant):
            def _open(self) -> Connection:
                super()._open()
                raise KeyboardInterrupt

        with ScriptedApi(scripts()) as api:
            opening = Interrupted(
                Client(api.url, "key"),
                {"target": "shop"},
                wait_seconds=None,
                on_progress=None,
                close_on_sigterm=False,
            )
            with self.assertRaises(KeyboardInterrupt), opening:
                pass
            self.assertEqual(len(api.asked("POST", CLOSE)), 1)

    def test_that_is_interrupted_while_it_is_closed_is_closed_all_the_same(self) -> None:
        calls = 0

        def credential() -> str:
            # For the request, its connection, the close that is cut; Ctrl-C comes at the fourth.
            nonlocal calls
            calls += 1
            if calls == 4:
                raise KeyboardInterrupt
            return "key"

        with ScriptedApi(scripts({f"POST {CLOSE}": [Reply(is_cut=True), Reply(grant("closing"))]})) as api:
            with self.assertRaises(KeyboardInterrupt), Client(api.url, credential).grant("shop", "Count"):
                pass
            self.assertEqual(len(api.asked("POST", CLOSE)), 2)


class LostConnection(unittest.TestCase):
    def test_of_a_grant_that_nobody_was_asked_about_is_asked_for_again(self) -> None:
        take = [Reply(is_cut=True), problem(409, "connection_already_fetched"), Reply(connection())]
        with ScriptedApi(scripts({f"POST {TAKE}": take})) as api:
            self.assertEqual(use(api).password, "the-password")
            self.assertEqual((len(api.asked("POST", GRANTS)), len(api.asked("POST", CLOSE))), (2, 2))

    def test_of_a_grant_that_people_approved_is_not(self) -> None:
        script = {
            f"POST {GRANTS}": [Reply(grant("active", approval={"id": APPROVAL_ID}), 201)],
            f"POST {TAKE}": [problem(409, "connection_already_fetched")],
        }
        with ScriptedApi(scripts(script)) as api:
            with self.assertRaises(ConnectionLostError):
                use(api)
            self.assertEqual((len(api.asked("POST", GRANTS)), len(api.asked("POST", CLOSE))), (1, 1))


class ConnectionForms(unittest.TestCase):
    def look(self, work: Callable[[Connection], None], view: dict[str, Any] | None = None) -> None:
        with ScriptedApi(scripts({f"POST {TAKE}": [Reply(view or connection())]})) as api:
            with Client(api.url, "key").grant("shop", "Count") as given:
                work(given)

    def test_have_their_files_in_a_folder_of_ones_own_until_the_end(self) -> None:
        folders: list[Path] = []

        def work(given: Connection) -> None:
            folder = given.folder
            folders.append(folder)
            self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
            self.assertEqual({stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}, {0o600})
            ca = folder / "doorwarden-ca.pem"
            self.assertEqual((folder / "my.cnf").read_text(), f'[client]\nssl-ca="{ca}"\n')
            self.assertEqual(given.pymysql(), {"host": "127.0.0.1", "ssl_ca": str(ca), "ssl_verify_cert": True})
            self.assertIn(f"ssl_ca={str(ca).replace('/', '%2F')}", given.sqlalchemy_url())
            environment = given.environment()
            self.assertEqual((environment["MYSQL_SSL_CA"], environment["MYSQL_HOME"]), (str(ca), str(folder)))

        self.look(work)
        self.assertFalse(folders[0].exists())

    def test_show_no_secret_by_accident(self) -> None:
        self.look(lambda given: self.assertNotIn("the-password", repr(given)))

    def test_take_no_file_out_of_the_folder(self) -> None:
        for name in ("../evil", "/etc/evil", ".bashrc", "", "a/b", "a\\b"):
            with self.subTest(name=name), self.assertRaisesRegex(ApiFailure, "no plain name"):
                self.look(lambda _: None, connection(files={name: "text"}))


class Access(unittest.TestCase):
    def test_of_tables_is_made_of_their_names(self) -> None:
        target = {"name": "shop", "protocol": "mysql", "defaultDatabase": "main", "labels": {}, "limits": {}}
        with ScriptedApi(scripts({"GET /v1/targets/shop": [Reply(target)]})) as api:
            use(api, read=["orders", "items", "other.*"], write=["items"])
            (asked,) = api.asked("POST", GRANTS)
        writing = ["SELECT", "INSERT", "UPDATE", "DELETE"]
        rules = [
            {"database": "main", "tables": ["orders"], "privileges": ["SELECT"]},
            {"database": "other", "privileges": ["SELECT"]},
            {"database": "main", "tables": ["items"], "privileges": writing},
        ]
        self.assertEqual(asked.body["access"], rules)

    def test_is_given_in_one_way(self) -> None:
        with self.assertRaises(ValueError):
            Client("http://127.0.0.1:1", "key").grant("shop", "Count", access=[{}], read=["orders"])


if __name__ == "__main__":
    unittest.main()
