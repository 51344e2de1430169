"""The canonical bytes of an event."""

from __future__ import annotations

import struct
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.audit.encoding import Content, code, fold, microseconds, parts

BASE = Content(
    v=1, log="installation", idx=7, ts=datetime(2026, 12, 8, 9, 0, 0, 123456, UTC),
    actor_id=UUID(int=1), org_id=UUID(int=2), mandate_id=None, role="pjj", session_ref="s", act="view",
    module="minors", object_type="followups.followup", object_ref="ab", subject_refs=b"\x01" * 32,
    classes=["youth_card"], purpose="review", outcome="ok", why="", n=2, request_id="r",
    net_prefix="192.0.2.0/24", columns_version=0, state_digest=b"", salt=b"\x02" * 16,
)  # fmt: skip


def decode(data: bytes) -> list[bytes]:
    """Split length-prefixed bytes, as a second implementation would."""
    found = []
    while data:
        (size,) = struct.unpack(">I", data[:4])
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return found


def test_known_answer() -> None:
    assert BASE.leaf().hex() == "c4df3932a60902fd8ba8bb5cec62171379e8b1076948a457da941951c77a3ed0"


def test_every_field_is_encoded_once_and_in_order() -> None:
    pieces = decode(BASE.encode())
    assert len(pieces) == len(fields(Content))
    assert pieces[1] == b"installation"
    assert pieces[3] == struct.pack(">q", 1796720400123456)
    assert decode(pieces[13]) == [b"\x01" * 16, b"\x01" * 16]
    assert decode(pieces[14]) == [b"youth_card"]


@pytest.mark.parametrize("name", [field.name for field in fields(Content)])
def test_changing_any_field_changes_the_leaf(name: str) -> None:
    value = getattr(BASE, name)
    other = {
        int: lambda: value + 1,
        str: lambda: value + "x",
        bytes: lambda: value + b"\x03" * 16,
        list: lambda: [*value, "youth_identity"],
        datetime: lambda: value + timedelta(microseconds=1),
        UUID: lambda: UUID(int=9),
        type(None): lambda: UUID(int=9),
    }[type(value)]()
    assert replace(BASE, **{name: other}).leaf() != BASE.leaf()


@given(st.lists(st.binary(max_size=5), max_size=5), st.lists(st.binary(max_size=5), max_size=5))
@settings(max_examples=50)
def test_two_lists_never_have_the_same_bytes(one: list[bytes], two: list[bytes]) -> None:
    assert (parts(one) == parts(two)) == (one == two)


def test_instants_lose_no_microsecond() -> None:
    moment = datetime(2099, 12, 31, 23, 59, 59, 999999, UTC)
    assert microseconds(moment) % 1_000_000 == 999_999


@given(st.text(max_size=80))
@settings(max_examples=50)
def test_what_came_with_a_request_is_folded_to_a_code(value: str) -> None:
    folded = fold(value, 64)
    assert len(folded) <= 64
    assert folded == value or folded.startswith("~")


@pytest.mark.rule("LOG-05")
@pytest.mark.parametrize("prose", ["Yanis Belkacem", "né en 2011", "a\nb", "x" * 61, "{0}", "\u202e"])
def test_prose_is_refused_as_a_code(prose: str) -> None:
    with pytest.raises(ValueError):
        code(prose, 60, "why")
