from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from doorwarden import ApiFailure, Client, DoorwardenError, token_file
from scripted_api import GRANT_ID, Reply, ScriptedApi, grant, problem

GRANTS = "/v1/grants"
REQUEST = {"target": "shop", "task": {"title": "Count"}, "ttlSeconds": 600}


class RepeatedCalls(unittest.TestCase):
    def test_a_request_whose_answer_is_lost_is_sent_again_with_its_key(self) -> None:
        script = [Reply(is_cut=True), problem(409, "idempotency_key_in_use"), Reply(grant("requested"), 201)]
        with ScriptedApi({f"POST {GRANTS}": script}) as api:
            made = Client(api.url, "key").request_grant(REQUEST)
            asked = api.asked("POST", GRANTS)
        self.assertEqual(made.id, GRANT_ID)
        self.assertEqual([each.body for each in asked], [REQUEST] * 3)
        self.assertEqual(len({each.headers["idempotency-key"] for each in asked}), 1)
        self.assertEqual(asked[0].path, f"{GRANTS}?connection=later")

    def test_what_a_proxy_says_of_an_api_that_restarts_passes(self) -> None:
        script = [Reply(text=b"<html>Bad Gateway</html>", status=502), Reply({"name": "agent"})]
        with ScriptedApi({"GET /v1/me": script}) as api:
            self.assertEqual(Client(api.url, "key").me(), {"name": "agent"})

    def test_a_refusal_is_told_at_once_with_its_code_and_what_to_do(self) -> None:
        with ScriptedApi({f"POST {GRANTS}": [problem(404, "target_not_found", detail="No shop.")]}) as api:
            with self.assertRaises(ApiFailure) as caught:
                Client(api.url, "key").request_grant(REQUEST)
            self.assertEqual(len(api.requests), 1)
        self.assertEqual(caught.exception.code, "target_not_found")
        self.assertEqual(str(caught.exception), "What target_not_found says. No shop. Do that. (target_not_found)")

    def test_a_refused_token_says_which_check_it_was(self) -> None:
        with ScriptedApi({"GET /v1/me": [problem(401, "token_refused", check="audience")]}) as api:
            with self.assertRaisesRegex(ApiFailure, r"The check is audience. \(token_refused\)") as caught:
                Client(api.url, "key").me()
        self.assertEqual(caught.exception.fields, {"check": "audience"})

    def test_a_refusal_that_names_a_grant_would_be_the_same_again(self) -> None:
        with ScriptedApi({f"POST {GRANTS}": [problem(503, "queue_unavailable", grantId=GRANT_ID)]}) as api:
            with self.assertRaises(ApiFailure) as caught:
                Client(api.url, "key").request_grant(REQUEST)
            self.assertEqual(len(api.requests), 1)
        self.assertEqual(caught.exception.grant_id, GRANT_ID)

    def test_an_address_where_nobody_listens_is_told_without_the_key(self) -> None:
        with ScriptedApi({}) as api:
            url = api.url
        with self.assertRaisesRegex(ApiFailure, "cannot be reached") as caught:
            Client(url, "a-secret-key", outage_seconds=0.5).me()
        self.assertIsNone(caught.exception.code)
        self.assertNotIn("a-secret-key", str(caught.exception))

    def test_the_caller_says_how_long_an_api_that_is_away_is_tried(self) -> None:
        with ScriptedApi({"GET /v1/me": [Reply({}), Reply(status=503, text=b"")]}) as api:
            client = Client(api.url, "key", outage_seconds=0)
            client.me()
            with self.assertRaisesRegex(ApiFailure, "503"):
                client.me()
            self.assertEqual(len(api.requests), 2)


class Answers(unittest.TestCase):
    def test_a_redirect_is_not_followed_and_the_key_goes_nowhere(self) -> None:
        with ScriptedApi({"GET /v1/me": [Reply({})]}) as other:
            there = Reply(status=307, headers={"Location": f"{other.url}/v1/me"})
            with ScriptedApi({"GET /v1/me": [there]}) as api, self.assertRaisesRegex(ApiFailure, "307"):
                Client(api.url, "key").me()
            self.assertEqual(other.requests, [])

    def test_what_is_no_api_is_said_to_be_none(self) -> None:
        for reply in (Reply(text=b"<html>"), Reply(["no", "object"]), Reply({**grant("active"), "deadline": "soon"})):
            with self.subTest(reply=reply), ScriptedApi({f"GET {GRANTS}/{GRANT_ID}": [reply]}) as api:
                with self.assertRaisesRegex(ApiFailure, "is no API of Doorwarden"):
                    Client(api.url, "key").get_grant(GRANT_ID)

    def test_an_answer_that_is_too_long_is_given_up(self) -> None:
        with ScriptedApi({"GET /v1/me": [Reply(text=b" " * (9 * 1024 * 1024))]}) as api:
            with self.assertRaisesRegex(ApiFailure, "too large"):
                Client(api.url, "key").me()

    def test_an_id_stays_in_its_path(self) -> None:
        with ScriptedApi({}) as api:
            with self.assertRaises(ApiFailure):
                Client(api.url, "key").get_grant("../me?x=1")
            self.assertEqual(api.requests[0].path, "/v1/grants/..%2Fme%3Fx%3D1?wait=0")


class Credentials(unittest.TestCase):
    def test_a_token_file_is_read_before_each_call(self) -> None:
        with tempfile.TemporaryDirectory() as folder, ScriptedApi({"GET /v1/me": [Reply({})]}) as api:
            file = Path(folder, "token")
            client = Client(api.url, token_file(file))
            for token in ("first", "second"):
                file.write_text(f"{token}\n")
                client.me()
            shown = [each.headers["authorization"] for each in api.requests]
            self.assertEqual(shown, ["Bearer first", "Bearer second"])
            file.unlink()
            with self.assertRaisesRegex(DoorwardenError, "cannot be read"):
                client.me()

    def test_a_credential_that_is_none_is_not_sent_and_not_shown(self) -> None:
        with ScriptedApi({}) as api:
            for text in ("", "two words", "line\r\nX-Evil: 1", "ключ"):
                with self.subTest(text=text), self.assertRaises(DoorwardenError) as caught:
                    Client(api.url, text).me()
                self.assertNotIn(text or "nothing", str(caught.exception))
            self.assertEqual(api.requests, [])

    def test_the_environment_says_where_and_as_whom(self) -> None:
        with ScriptedApi({"GET /v1/me": [Reply({})]}) as api:
            Client.from_environment({"DOORWARDEN_API": f"{api.url}/", "DOORWARDEN_API_KEY": "dw_1"}).me()
            self.assertEqual(api.requests[0].headers["authorization"], "Bearer dw_1")
        neither: dict[str, str] = {}
        for environment in (neither, {"DOORWARDEN_API_KEY": "k", "DOORWARDEN_TOKEN_FILE": "/t"}):
            with self.assertRaisesRegex(DoorwardenError, "DOORWARDEN_TOKEN_FILE"):
                Client.from_environment(environment)

    def test_an_address_is_one_of_http_and_has_no_secret_in_it(self) -> None:
        for address in ("doorwarden.example.com", "file:///etc/passwd", "https://u:p@host", "https://host?x=1"):
            with self.subTest(address=address), self.assertRaises(DoorwardenError):
                Client(address, "key")

    def test_a_file_of_authorities_that_is_none_is_told(self) -> None:
        with self.assertRaisesRegex(DoorwardenError, "authorities"):
            Client("https://127.0.0.1", "key", ca_file="/nowhere/ca.pem")


if __name__ == "__main__":
    unittest.main()
