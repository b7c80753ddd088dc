"""What the API answers, as frozen values. Fields that this version does not know are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class Unfit(ValueError):
    """An answer is not what the API gives."""


def _of(body: Any, name: str, kind: type) -> Any:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Unfit(f"{name} is no {kind.__name__}")
    return value


def _text(body: Any, name: str) -> str:
    value: str = _of(body, name, str)
    return value


def _text_or_none(body: Any, name: str) -> str | None:
    return None if _is_none(body, name) else _text(body, name)


def _number(body: Any, name: str) -> int:
    value: int = _of(body, name, int)
    return value


def _items(body: Any, name: str) -> list[Any]:
    value: list[Any] = _of(body, name, list)
    return value


def _time(body: Any, name: str) -> datetime:
    try:
        return datetime.fromisoformat(_text(body, name).replace("Z", "+00:00"))
    except ValueError as cause:
        raise Unfit(f"{name} is no time") from cause


def _time_or_none(body: Any, name: str) -> datetime | None:
    return None if _is_none(body, name) else _time(body, name)


def _is_none(body: Any, name: str) -> bool:
    return isinstance(body, dict) and body.get(name) is None


@dataclass(frozen=True)
class Target:
    """A database that grants can be asked for."""

    name: str
    protocol: str
    default_database: str | None
    labels: Mapping[str, str]
    limits: Mapping[str, Any]

    @classmethod
    def of(cls, body: Any) -> Target:
        return cls(
            name=_text(body, "name"),
            protocol=_text(body, "protocol"),
            default_database=_text_or_none(body, "defaultDatabase"),
            labels=_of(body, "labels", dict),
            limits=_of(body, "limits", dict),
        )


@dataclass(frozen=True)
class Question:
    """A question of a grant that people have not answered yet. `kind` is `statement` or `grant`."""

    id: str
    kind: str
    statement_kind: str | None
    asked_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, body: Any) -> Question:
        return cls(
            id=_text(body, "id"),
            kind=_text(body, "kind"),
            statement_kind=_text_or_none(body, "statementKind"),
            asked_at=_time(body, "askedAt"),
            expires_at=_time(body, "expiresAt"),
        )


@dataclass(frozen=True)
class Grant:
    """A grant. `state` is requested, active, closing, sealed or refused; its recording has the id of the grant."""

    id: str
    state: str
    target: str
    protocol: str
    task_title: str
    task_reference: str | None
    access: tuple[Mapping[str, Any], ...]
    ttl_seconds: int
    on_hold: str
    approval_id: str | None
    deadline: datetime
    close_reason: str | None
    closed_by: str | None
    refusal_code: str | None
    refusal_detail: str | None
    requested_at: datetime
    active_at: datetime | None
    closing_at: datetime | None
    sealed_at: datetime | None
    waiting: tuple[Question, ...]
    outlook: str | None

    @property
    def is_over(self) -> bool:
        return self.state in ("sealed", "refused")

    @classmethod
    def of(cls, body: Any) -> Grant:
        task, refusal = _of(body, "task", dict), _part(body, "refusal")
        approval, outlook = _part(body, "approval"), _part(body, "outlook")
        return cls(
            id=_text(body, "id"),
            state=_text(body, "state"),
            target=_text(body, "target"),
            protocol=_text(body, "protocol"),
            task_title=_text(task, "title"),
            task_reference=_text_or_none(task, "reference"),
            access=tuple(_items(body, "access")),
            ttl_seconds=_number(body, "ttlSeconds"),
            on_hold=_text(body, "onHold"),
            approval_id=None if approval is None else _text(approval, "id"),
            deadline=_time(body, "deadline"),
            close_reason=_text_or_none(body, "closeReason"),
            closed_by=_text_or_none(body, "closedBy"),
            refusal_code=None if refusal is None else _text(refusal, "code"),
            refusal_detail=None if refusal is None else _text_or_none(refusal, "detail"),
            requested_at=_time(body, "requestedAt"),
            active_at=_time_or_none(body, "activeAt"),
            closing_at=_time_or_none(body, "closingAt"),
            sealed_at=_time_or_none(body, "sealedAt"),
            # A list of grants and the answer to closing one have neither.
            waiting=tuple(Question.of(each) for each in body.get("waiting") or ()),
            outlook=None if outlook is None else _text(outlook, "words"),
        )


def _part(body: Any, name: str) -> Mapping[str, Any] | None:
    if not isinstance(body, dict) or body.get(name) is None:
        return None
    part: Mapping[str, Any] = _of(body, name, dict)
    return part


@dataclass(frozen=True)
class Decision:
    """One person's answer: `approve` or `deny`."""

    principal: str
    decision: str
    reason: str | None
    at: datetime

    @classmethod
    def of(cls, body: Any) -> Decision:
        return cls(
            principal=_text(body, "principal"),
            decision=_text(body, "decision"),
            reason=_text_or_none(body, "reason"),
            at=_time(body, "at"),
        )


@dataclass(frozen=True)
class Told:
    """What the agent is told of a question, word for word as on the wire; None of both while it waits."""

    code: str | None
    text: str | None

    @classmethod
    def of(cls, body: Any) -> Told:
        return cls(code=_text_or_none(body, "code"), text=_text_or_none(body, "text"))


@dataclass(frozen=True)
class Approval:
    """A question to people. `state` is pending, approved, denied, timed-out, cancelled or withdrawn.

    `revision` counts its changes. `groups` must each approve, and `quorum` different people; no groups: any approver.
    `link` is the page on which people decide.
    """

    id: str
    kind: str
    state: str
    revision: int
    grant: str
    groups: tuple[str, ...]
    quorum: int
    asked_at: datetime
    expires_at: datetime
    settled_at: datetime | None
    decisions: tuple[Decision, ...]
    told: Told | None
    link: str

    @property
    def approved_by(self) -> tuple[str, ...]:
        return tuple(each.principal for each in self.decisions if each.decision == "approve")

    @classmethod
    def of(cls, body: Any, api: str) -> Approval:
        return cls(
            id=_text(body, "id"),
            kind=_text(body, "kind"),
            state=_text(body, "state"),
            revision=_number(body, "revision"),
            grant=_text(body, "grant"),
            groups=tuple(_items(body, "approvers")),
            quorum=_number(body, "quorum"),
            asked_at=_time(body, "askedAt"),
            expires_at=_time(body, "expiresAt"),
            settled_at=_time_or_none(body, "settledAt"),
            decisions=tuple(Decision.of(each) for each in _items(body, "decisions")),
            told=next((Told.of(each) for each in _items(body, "told") if each.get("isNow") is True), None),
            link=f"{api}/approvals/{_text(body, 'id')}",
        )
