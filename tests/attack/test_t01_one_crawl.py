"""T-01, T-21, T-22, T-34, T-40, T-51: one crawl of every route by everybody, then many questions about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casework.access.matrix import DataClass
from casework.access.policy import ceiling
from casework.access.routes import Door
from casework.sealing import keys
from tests.attack import crawl as crawling
from tests.attack.crawl import Crawl
from tests.attack.hamlet import ENDINGS, ROLES, TOKEN, canary, needles
from tests.exclusions.setting import NAME as PUPIL
from tests.exclusions.setting import PHONE as FAMILY_PHONE
from tests.exclusions.setting import WORDS as FAMILY
from tests.standing import undone
from tests.vif.victims.setting import NAME, PHONE, PLACE, WORDS

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(scope="module")
def crawl(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Any:
    """The town, crawled."""
    folder: Path = tmp_path_factory.mktemp("crawl")
    with django_db_blocker.unblock(), undone():
        keys.forget()  # a key of the test before has no row in this database
        yield crawling.run(crawling.cast(), folder)


@pytest.mark.attack("T-01")
@pytest.mark.rule("LOG-05", "GDP-15", "ACL-12")
def test_no_word_of_a_record_lies_in_clear_anywhere(crawl: Crawl) -> None:
    """T-01: tables and free pages of both databases, sessions, cache, mail, temporary files, log records."""
    words = [word for token in (TOKEN, *HERS) for word in needles(token)]
    assert len(crawl.left) > 200
    found = [where for where, raw in crawl.left.items() if any(word in raw for word in words)]
    assert not found, sorted({where.rsplit(":", 1)[0] for where in found})
    heard = [line[:200] for line in crawl.logs if any(word.decode("latin-1") in line for word in words)]
    assert not heard, heard[:3]
    shown = [answer for answer in crawl.answers if TOKEN in answer.text]
    assert len(shown) > 20  # the canaries do come out where they may


def test_nothing_falls_over(crawl: Crawl) -> None:
    assert not [answer.where for answer in crawl.answers if answer.status >= 500]


@pytest.mark.attack("T-34")
@pytest.mark.rule("ACL-01", "ACL-03", "ACL-07", "GDP-15")
def test_each_route_keeps_its_declared_policy(crawl: Crawl) -> None:
    """A role under no ceiling, and whoever has no live right at all, gets the page that does not exist."""
    wrong = []
    for answer in crawl.answers:
        policy = answer.policy
        assert policy is not None, answer.where
        if policy.door is not Door.MEMBER:
            continue
        viewer = crawl.viewers[answer.role]
        charter = viewer is not None and viewer.live(crawl.town.now) and not viewer.charter_signed
        if answer.role in ("ended", "not_yet", "unsigned"):
            ok = answer.status == 404 or (charter and answer.status == 302)
        else:
            role = viewer.role if viewer else ""
            may = any(ceiling(role, action, data_class) for action, data_class in policy.needs)
            ok = may or answer.status == 404
        if not ok:
            wrong.append(answer.where)
    assert not wrong, wrong[:10]


@pytest.mark.attack("T-34")
@pytest.mark.rule("ACL-01", "ACL-03", "ACL-07", "CLV-25", "CLV-26")
def test_the_page_of_a_situation_is_open_to_whom_decide_says(crawl: Crawl) -> None:
    pages = list(crawl.of(name="followups:page", method="GET"))
    assert {answer.stage for answer in pages} >= {"followed", "referred", "archived", "merged"}
    for answer in pages:
        opened = crawl.allowed[answer.role, answer.stage] - {DataClass.YOUTH_IDENTITY.value, "who_opened"}
        if not opened:
            assert answer.status in (404, 302), answer.where
        elif answer.role != "mayor":
            assert answer.status == 200, answer.where


@pytest.mark.attack("T-40")
@pytest.mark.rule("ACL-01", "ACL-03", "CLV-25", "GDP-15")
def test_no_word_of_a_class_reaches_whoever_has_not_this_class(crawl: Crawl) -> None:
    """Pages and the text and metadata of PDFs, each situation apart."""
    # A class may also come out inside a document that another class opens to the reader.
    through = {
        "youth_identity": {"mayor_disclosure"}, "youth_representatives": {"mayor_disclosure"},
        "youth_review": {"session_minutes"},
    }  # fmt: skip
    leaks = []
    for data_class in ENDINGS:
        if data_class == "session_minutes":
            continue
        for stage in crawl.town.follow_ups:
            shown = "merged" if stage == "kept" else stage
            word = canary(data_class, shown).lower()
            readers = {
                role
                for role in ROLES
                if crawl.allowed[role, stage] & {data_class, *through.get(data_class, ())}
                or (stage == "merged" and data_class in crawl.allowed[role, "kept"])
            }
            leaks += [
                (data_class, answer.where)
                for answer in crawl.answers
                if answer.role not in readers and answer.name != "followups:search" and word in answer.folded
            ]
    assert not leaks, leaks[:12]


HERS = (NAME, PLACE, WORDS, PHONE)  # what is written of a victim
# Who holds each file of the hamlet; the prosecutor reads by its function, the host was only asked.
_EDUCATOR, _OFFICER, _MEASURE = {"pjj", "prosecutor"}, {"spip", "prosecutor"}, {"apers_offender", "prosecutor"}
PLACED = {
    "Zzcanari Jeune": _EDUCATOR, "Zzcanari Victime": _EDUCATOR, "Zzcanari faits": _EDUCATOR,
    "Zzcanari dossier": _EDUCATOR, "Zzcanari Parents": _EDUCATOR, "Zzcanari signature": _EDUCATOR,
    "Zzmarque": _OFFICER, **dict.fromkeys(
        (
            "Zzcanari Personne", "Zzcanari adresse", "Zzcanari récit", "Zzcanari instruction", "Zzcanari Substitut",
            "Zzcanari Association", "Zzcanari demande",
        ),
        _MEASURE,
    ),
}  # fmt: skip


@pytest.mark.attack("T-40", "T-35", "T-39")
@pytest.mark.rule("ACL-01", "ACL-03", "HOST-15", "REP-16")
def test_no_word_nor_reference_of_a_placement_reaches_whoever_does_not_hold_it(crawl: Crawl) -> None:
    """Rows 12 to 18 on every page for every role; the DPO and who leads the service know references alone."""
    known = {"dpo", "pjj_lead"}
    references = {
        crawl.town.ids["reparation_reference"]: _EDUCATOR | known, crawl.town.ids["tig_reference"]: _OFFICER | known,
        crawl.town.ids["measure_reference"]: _MEASURE | {"dpo"},
    }  # fmt: skip
    leaks = [
        (word, answer.where)
        for word, readers in (PLACED | references).items()
        for answer in crawl.answers
        if answer.role not in readers and word.lower() in answer.folded
    ]
    assert not leaks, leaks[:12]
    shown = {word for word in PLACED for answer in crawl.answers if word.lower() in answer.folded}
    assert shown >= {"Zzcanari Jeune", "Zzcanari Victime", "Zzcanari faits"}, "they do come out where they may"


@pytest.mark.attack("T-40", "T-39", "T-19")
@pytest.mark.rule("ACL-05", "VIC-01", "VIC-07")
def test_no_word_of_a_victim_reaches_anybody_but_her_officer_and_the_prosecutor(crawl: Crawl) -> None:
    """Every route, every role, PDFs read: neither name, place, number nor words; the DPO knows the reference alone."""
    readers = {"apers_victim", "prosecutor"}
    words = dict.fromkeys(HERS, readers) | {crawl.town.ids["support_reference"]: readers | {"dpo"}}
    leaks = [
        (word, answer.where)
        for word, allowed in words.items()
        for answer in crawl.answers
        if answer.role not in allowed and word.lower() in answer.folded
    ]
    assert not leaks, leaks[:12]
    shown = {word for word in HERS for answer in crawl.answers if word.lower() in answer.folded}
    assert shown >= {NAME, WORDS}, "they do come out where they may"


@pytest.mark.attack("T-40", "T-39", "T-19")
@pytest.mark.rule("EXC-15", "EXC-22", "ACL-01")
def test_no_word_of_a_pupil_reaches_anybody_but_school_and_host(crawl: Crawl) -> None:
    """Neither the mayor, the coordinator, the group nor a colleague of the school who does not hold the record."""
    readers = {"host"}  # the named educator; whoever sent the pupil is not of this crawl
    words = {
        PUPIL: readers, FAMILY: readers, FAMILY_PHONE: readers,
        crawl.town.ids["pupil_reference"]: readers | {"dpo"},
    }  # fmt: skip
    leaks = [
        (word, answer.where)
        for word, allowed in words.items()
        for answer in crawl.answers
        if answer.role not in allowed and word.lower() in answer.folded
    ]
    assert not leaks, leaks[:12]
    shown = {word for word in words for answer in crawl.answers if word.lower() in answer.folded}
    assert shown >= {PUPIL, FAMILY}, "they do come out where they may"


@pytest.mark.attack("T-40")
@pytest.mark.rule("ACL-07", "ACL-03")
def test_the_mayor_lists_nobody(crawl: Crawl) -> None:
    for answer in crawl.of(role="mayor"):
        assert answer.name in ("followups:mayor_page", "followups:mayor_pdf") or TOKEN not in answer.text, answer.where
    for role in ("spip", "sysadmin", "apers_victim", "host", "prosecutor", "valideur", "dpo", "education", "stranger"):
        assert not [a.where for a in crawl.of(role=role) if TOKEN in a.text and a.name != "followups:search"], role


@pytest.mark.attack("T-21")
def test_no_row_of_a_protected_table_is_within_reach_of_a_template(crawl: Crawl) -> None:
    wrong = sorted({(answer.name, each) for answer in crawl.answers for each in answer.exposed})
    assert not wrong, wrong


@pytest.mark.attack("T-22")
@pytest.mark.rule("ACL-08", "LOG-01")
def test_whatever_was_opened_was_told_first(crawl: Crawl) -> None:
    assert sum(len(answer.opened) for answer in crawl.answers) > 200
    for answer in crawl.answers:
        assert answer.opened <= answer.told, (answer.where, sorted(answer.opened - answer.told)[:3])


@pytest.mark.attack("T-51")
def test_the_same_headers_everywhere(crawl: Crawl) -> None:
    for answer in crawl.answers:
        head = answer.headers
        policy = head["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert head["Cache-Control"] == "no-store, private", answer.where
        assert head["X-Content-Type-Options"] == "nosniff"
        assert head["X-Frame-Options"] == "DENY"
        assert head["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert head["Cross-Origin-Opener-Policy"] == "same-origin"
        assert head["X-Robots-Tag"] == "noindex, nofollow"
        assert not {"ETag", "Last-Modified", "Server", "X-Powered-By"} & set(head), answer.where
        assert "Access-Control-Allow-Origin" not in head, answer.where
        if answer.text:
            kind = head["Content-Type"]
            assert not kind.startswith("text/") or kind.endswith("; charset=utf-8"), (answer.where, kind)
        assert TOKEN not in repr(head)
        for cookie in filter(None, answer.cookies.splitlines()):
            assert "HttpOnly" in cookie, (answer.where, cookie)
            assert "SameSite=Lax" in cookie or "SameSite=Strict" in cookie, (answer.where, cookie)
            assert "Domain" not in cookie
