from __future__ import annotations

import unittest
from datetime import datetime, timezone

from doorwarden import Client, HeldStatement, StatementRefusedError, held_statement, statement_refusal
from doorwarden.holds import REFUSAL_CHARACTERS_MAX
from scripted_api import APPROVAL_ID, TIME, Reply, ScriptedApi, approval

HELD = (
    f"Doorwarden: This statement waits for an approval. People are asked until {TIME} with approval {APPROVAL_ID}. "
    "Wait, then send the same statement again. (statement_held)"
)
DENIED = "Doorwarden: An approver denied this statement; it did not run.\nAsk why. (statement_denied_by_approver)"


class DatabaseError(Exception):
    """The name that PEP 249 gives it in every driver."""


class DriverError(DatabaseError):
    """As PyMySQL and mysqlclient have them: number and text."""


class ConnectorError(Exception):
    """As MySQL's connector has them, of the kinds that are no `DatabaseError` too."""

    def __init__(self, errno: int, msg: str, sqlstate: str) -> None:
        super().__init__(errno, f"{errno} ({sqlstate}): {msg}", sqlstate)
        self.errno, self.msg, self.sqlstate = errno, msg, sqlstate


class MariadbError(Exception):
    """As MariaDB's connector has them."""

    def __init__(self, errno: int, errmsg: str, sqlstate: str) -> None:
        super().__init__(errmsg)
        self.errno, self.errmsg, self.sqlstate = errno, errmsg, sqlstate


class ProgramsError(Exception):
    """One that a program throws itself."""


class WrappedError(Exception):
    """As SQLAlchemy has them."""

    def __init__(self, orig: BaseException) -> None:
        super().__init__(f"(DriverError) {orig} [SQL: UPDATE orders ('Doorwarden: (lie)')]")
        self.orig = orig


class Refusals(unittest.TestCase):
    def test_are_found_in_the_errors_of_drivers_however_deep(self) -> None:
        told = HeldStatement(APPROVAL_ID, datetime(2026, 11, 30, 10, tzinfo=timezone.utc))
        inner = DriverError(1105, HELD)
        outer = RuntimeError("the work failed")
        outer.__cause__ = WrappedError(inner)
        by_connector = ConnectorError(1105, HELD, "HY000")
        copied = DriverError(*by_connector.args)  # as Django does
        of_mariadb = MariadbError(1105, HELD, "HY000")
        for error in (inner, WrappedError(inner), outer, by_connector, WrappedError(by_connector), copied, of_mariadb):
            with self.subTest(error=repr(error)):
                self.assertEqual(held_statement(error), told)

    def test_are_those_of_a_driver_and_not_of_a_program(self) -> None:
        programs = (ProgramsError(HELD), ProgramsError(1105, HELD), OSError(5, HELD), DatabaseError(HELD))
        for error in programs:
            with self.subTest(error=repr(error)):
                self.assertIsNone(statement_refusal(error))
                self.assertIsNone(statement_refusal(WrappedError(error)))
        marked = ProgramsError(HELD)
        marked.errno = 5  # type: ignore[attr-defined]
        self.assertIsNone(statement_refusal(marked))

    def test_are_looked_for_in_what_can_be_one_and_in_nothing_longer(self) -> None:
        longest = HELD.replace("This", "x" * (REFUSAL_CHARACTERS_MAX - len(HELD)) + "This")
        self.assertEqual(len(longest), REFUSAL_CHARACTERS_MAX)
        self.assertIsNotNone(statement_refusal(DriverError(1105, longest)))
        self.assertIsNone(statement_refusal(DriverError(1105, f"x {longest}")))
        # Begun again and again, within the length and far beyond it.
        for times in (100, 1_000_000):
            self.assertIsNone(statement_refusal(DriverError(1105, " Doorwarden: (" * times)))

    def test_have_the_code_of_the_broker(self) -> None:
        refusal = statement_refusal(DriverError(1227, DENIED))
        assert refusal is not None
        self.assertEqual((refusal.code, refusal.message), ("statement_denied_by_approver", DENIED))
        self.assertIsNone(held_statement(DriverError(1227, DENIED)))

    def test_are_not_seen_where_there_are_none(self) -> None:
        in_the_middle = f"You have an error near 'Doorwarden: (statement_held) {APPROVAL_ID}' at line 1"
        for text in (
            HELD.replace("Doorwarden", "The target"),
            HELD.replace("Doorwarden", "doorwarden"),
            HELD.replace("Doorwarden:", "Doorwarden\u200b:"),
            f"x{HELD}",
        ):
            self.assertIsNone(statement_refusal(DriverError(1644, text)))
        for error in (DriverError(1064, "syntax"), DriverError(1064, in_the_middle), DriverError(), ValueError(7)):
            self.assertIsNone(statement_refusal(error))
        # What is made of a driver's error may end in a value of the statement.
        outer = RuntimeError(f"insert failed, parameters: {HELD}")
        outer.__cause__ = DriverError(1062, "Duplicate entry")
        self.assertIsNone(statement_refusal(outer))
        outer.__cause__ = ValueError("Duplicate entry")
        self.assertIsNone(statement_refusal(outer))
        first, second = ValueError("a"), ValueError("b")
        first.__cause__, second.__cause__ = second, first
        self.assertIsNone(statement_refusal(first))


class HeldStatements(unittest.TestCase):
    path = f"GET /v1/approvals/{APPROVAL_ID}"

    def test_are_sent_again_once_they_are_approved(self) -> None:
        script = [Reply(approval("pending")), Reply(approval("pending")), Reply(approval("approved"))]
        sent: list[str] = []
        seen: list[str] = []

        def send() -> int:
            sent.append("UPDATE")
            if len(sent) == 1:
                raise DriverError(1105, HELD)
            return 7

        with ScriptedApi({self.path: script}) as api:
            changed = Client(api.url, "key").send_approved(send, on_progress=lambda each: seen.append(each.state))
            paths = [each.path.partition("?")[2] for each in api.requests]
        self.assertEqual((changed, len(sent), seen), (7, 2, ["pending", "pending"]))
        # Each wait says what was seen, so that a decision between two calls is not missed.
        self.assertEqual(paths, ["wait=0", "wait=10&revision=1", "wait=10&revision=1"])

    def test_that_are_denied_say_why_and_are_not_sent_again(self) -> None:
        decision = {"principal": "kim", "decision": "deny", "reason": "Too many rows.", "at": TIME}
        told = {"state": "denied", "isNow": True, "code": "statement_denied_by_approver", "text": DENIED}
        denied = approval("denied", decisions=[decision], told=[told])
        sent: list[str] = []

        def send() -> None:
            sent.append("UPDATE")
            raise DriverError(1105, HELD)

        with ScriptedApi({self.path: [Reply(denied)]}) as api, self.assertRaises(StatementRefusedError) as caught:
            Client(api.url, "key").send_approved(send)
        self.assertEqual((caught.exception.code, caught.exception.reason), (told["code"], "Too many rows."))
        self.assertEqual(str(caught.exception), DENIED)
        self.assertEqual(len(sent), 1)

    def test_wait_no_longer_than_their_caller_wants(self) -> None:
        with ScriptedApi({self.path: [Reply(approval("pending"))]}) as api, self.assertRaises(TimeoutError):
            Client(api.url, "key").wait_for_approval(APPROVAL_ID, wait_seconds=0)

    def test_leave_other_errors_to_the_driver(self) -> None:
        def send() -> None:
            raise DriverError(1064, "syntax")

        with self.assertRaises(DriverError):
            Client("http://127.0.0.1:1", "key").send_approved(send)


if __name__ == "__main__":
    unittest.main()
