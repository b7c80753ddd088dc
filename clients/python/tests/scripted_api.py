"""An api that answers as a test wants it to, for what a real broker does only when it breaks."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GRANT_ID = "01k0000000000000000000000a"
APPROVAL_ID = "01k0000000000000000000000b"
TIME = "2026-11-30T10:00:00.000Z"


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Reply:
    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    #: The connection is cut instead of an answer.
    is_cut: bool = False
    #: Sent as it is, instead of a body as JSON.
    text: bytes | None = None


#: What answers, one after the other; the last one goes on answering.
Script = list[Reply]


class ScriptedApi:
    """Listens on loopback for one `with` block, and keeps what it was asked. Scripts are by method and path."""

    def __init__(self, scripts: dict[str, Script]) -> None:
        self.scripts = scripts
        self.requests: list[Request] = []

    def __enter__(self) -> ScriptedApi:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                api._answer(self)

            def do_POST(self) -> None:
                api._answer(self)

            def log_message(self, *_: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def asked(self, method: str, path: str) -> list[Request]:
        return [each for each in self.requests if (each.method, each.path.partition("?")[0]) == (method, path)]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        text = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, handler.path, headers, json.loads(text) if text else None)
        self.requests.append(request)
        script = self.scripts.get(
            f"{request.method} {request.path.partition('?')[0]}", [problem(404, "route_not_found")]
        )
        reply = script.pop(0) if len(script) > 1 else script[0]
        handler.close_connection = True
        if reply.is_cut:
            return
        body = reply.text if reply.text is not None else json.dumps(reply.body).encode()
        handler.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        try:
            handler.wfile.write(body)
        except OSError:
            return  # the client had enough


def problem(status: int, code: str, **fields: Any) -> Reply:
    said = {"title": f"What {code} says.", "status": status, "code": code, "next": "Do that.", "instance": "/"}
    return Reply({**said, **fields}, status, {"Content-Type": "application/problem+json"})


def grant(state: str, **changes: Any) -> dict[str, Any]:
    view: dict[str, Any] = {
        "id": GRANT_ID,
        "state": state,
        "principal": {"id": "p", "name": "agent", "kind": "agent"},
        "sponsor": None,
        "target": "shop",
        "protocol": "mysql",
        "task": {"title": "Count", "reference": None},
        "access": [],
        "ttlSeconds": 600,
        "onHold": "wait",
        "approval": None,
        "deadline": TIME,
        "closeReason": None,
        "closedBy": None,
        "refusal": None,
        "requestedAt": TIME,
        "activeAt": None,
        "closingAt": None,
        "sealedAt": None,
        "outlook": None,
        "waiting": [],
    }
    return {**view, **changes}


def asked_of_people() -> dict[str, Any]:
    """What a grant has that people are asked about."""
    question = {"id": APPROVAL_ID, "kind": "grant", "statementKind": None, "askedAt": TIME, "expiresAt": TIME}
    return {"approval": {"id": APPROVAL_ID}, "waiting": [question]}


def approval(state: str, **changes: Any) -> dict[str, Any]:
    view: dict[str, Any] = {
        "id": APPROVAL_ID,
        "kind": "statement",
        "state": state,
        "revision": 1,
        "grant": GRANT_ID,
        "approvers": ["dba"],
        "quorum": 1,
        "askedAt": TIME,
        "expiresAt": TIME,
        "settledAt": None,
        "decisions": [],
        "told": [],
    }
    return {**view, **changes}


def connection(**changes: Any) -> dict[str, Any]:
    url = "mysql+pymysql://dw_1:the-password@127.0.0.1:4000/shop?charset=utf8mb4&ssl_ca=doorwarden-ca.pem"
    view: dict[str, Any] = {
        "protocol": "mysql",
        "host": "127.0.0.1",
        "port": 4000,
        "username": "dw_1",
        "password": "the-password",
        "database": "shop",
        "tls": {"ca": "PEM"},
        "dsn": "mysql://dw_1:the-password@127.0.0.1:4000/shop",
        "env": {"MYSQL_HOST": "127.0.0.1", "MYSQL_PWD": "the-password", "MYSQL_SSL_CA": "doorwarden-ca.pem"},
        "folderEnv": ["MYSQL_HOME"],
        "files": {"doorwarden-ca.pem": "PEM", "my.cnf": '[client]\nssl-ca="doorwarden-ca.pem"\n'},
        "programs": [],
        "clients": {
            "pymysql": {"options": {"host": "127.0.0.1", "ssl_ca": "doorwarden-ca.pem", "ssl_verify_cert": True}},
            "sqlalchemy": {"url": url},
        },
    }
    return {**view, **changes}
