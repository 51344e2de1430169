"""A request of a place: whose it is, what it needs, the sentence beside it, where the person is not sent."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.casefile import format as fr
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.casefile.retention import months_after
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts.models import Booking
from casework.placements.tig.actions import demands
from casework.placements.tig.codes import (
    State,
)
from casework.placements.tig.models import TigPlacement
from casework.placements.tig.reads import search
from tests.placements.tig import setting as stage
from tests.placements.tig.setting import demand, fresh, sentence

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("TIG-08", "ACL-03")
@pytest.mark.parametrize(("who", "audience"), [("spip", "adults"), ("pjj", "minors")])
def test_each_service_opens_requests_for_its_own_public(place, who, audience):
    placement = demand(place, who)
    assert (placement.audience, placement.state) == (audience, State.MATCHING)
    assert placement.reference.startswith("TIG-")
    assert place.people.territory.prefix not in placement.reference


@pytest.mark.parametrize("who", ["coordinator", "host", "mayor", "prosecutor", "sah", "outreach"])
def test_nobody_else_opens_one(place, who):
    with pytest.raises(AccessRefused):
        demand(place, who)


@pytest.mark.rule("TIG-01", "TIG-08")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case_mark": " "}, "case_mark"),
        ({"minutes": 0}, "hours"),
        ({"minutes": 400 * 60 + 1}, "hours"),
        ({"last_useful_on": date(2020, 1, 1)}, "last_useful_on"),
        ({"last_useful_on": date(2099, 1, 1)}, "last_useful_on"),
        ({"availability": []}, "availability"),
        ({"availability": ["9-am"]}, "availability"),
        ({"limits": ["bad back"]}, "limits"),
        ({"weekly": 11}, "weekly"),
    ],
)
def test_a_request_says_what_it_needs_and_nothing_else(place, changes, field):
    with pytest.raises(InputRefused) as refusal:
        demand(place, **changes)
    assert refusal.value.field == field


@pytest.mark.rule("TIGM-10")
def test_a_minor_offers_no_sunday(place):
    with pytest.raises(InputRefused, match="dimanche"):
        demand(place, "pjj", availability=["6-am"])


@pytest.mark.rule("TIG-08")
def test_the_last_useful_date_is_the_officers_and_never_after_the_courts_time(place):
    placement = demand(place)
    common = {"by": place.viewer("spip"), "placement": placement, "now": timezone.now()}
    term = months_after(sentence().enforceable_on, 12)
    with pytest.raises(InputRefused, match=fr.long_date(term)) as refusal:
        demands.record_sentence(data=sentence(last_useful_on=term + timedelta(days=1)), **common)
    assert refusal.value.field == "last_useful_on"
    demands.record_sentence(data=sentence(), **common)
    assert fresh(placement).last_useful_on == localdate() + timedelta(days=180)
    demands.record_sentence(data=sentence(last_useful_on=localdate() + timedelta(days=90)), **common)
    assert fresh(placement).last_useful_on == localdate() + timedelta(days=90)


@pytest.mark.rule("TIG-08")
@pytest.mark.parametrize(("months", "enforceable"), [(12, 50), (11, 50), (12, 20)])
def test_no_clear_column_moves_with_the_sealed_sentence(place, months, enforceable):
    """design.md §5: two sentences that differ only in what is sealed leave the same clear row (ADR 60)."""
    placement = demand(place)
    before = clear_columns(placement)
    changed = sentence(months=months, enforceable_on=localdate() - timedelta(days=enforceable))
    demands.record_sentence(by=place.viewer("spip"), placement=placement, data=changed, now=timezone.now())
    assert clear_columns(placement) == before


def clear_columns(placement):
    names = [name for name in TigPlacement.Confidentiality.clear if name != "revision"]
    return TigPlacement.objects.values(*names).get(pk=placement.pk)


@pytest.mark.rule("TIG-08")
@pytest.mark.parametrize(
    ("changes", "field"), [({"minutes": 106 * 60}, "hours"), ({"last_useful_on": 500}, "last_useful_on")]
)
def test_a_request_changed_after_the_sentence_stays_within_it(place, changes, field):
    placement = demand(place)
    common = {"by": place.viewer("spip"), "now": timezone.now()}
    demands.record_sentence(placement=placement, data=sentence(), **common)
    if days := changes.get("last_useful_on"):
        changes = {"last_useful_on": localdate() + timedelta(days=days)}
    values = {
        "case_mark": "2026/4471", "minutes": 21 * 60, "last_useful_on": localdate() + timedelta(days=180), "weekly": 2,
        "availability": stage.EVERY_HALF_DAY,
    }  # fmt: skip
    with pytest.raises(InputRefused) as refusal:
        demands.change_demand(
            placement=fresh(placement), data=demands.DemandData(**(values | changes)), expected=None, **common
        )
    assert refusal.value.field == field


@pytest.mark.rule("TIG-01", "TIG-02", "TIG-06", "TIG-08", "TIGM-01", "TIGM-04")
@pytest.mark.parametrize(
    ("who", "changes", "field"),
    [
        ("spip", {"basis": "tig_minor"}, "basis"),
        ("spip", {"minutes": 401 * 60}, "hours"),
        ("spip", {"minutes": 20 * 60}, "hours"),  # less than the 21 hours to do here
        ("spip", {"basis": "tig_contravention", "minutes": 121 * 60}, "hours"),
        ("spip", {"months": 19}, "months"),
        ("spip", {"basis": "probation"}, "fallback"),
        ("spip", {"born_on": date(2010, 1, 1)}, "born_on"),
        ("pjj", {"basis": "tig_minor", "has_fallback": True, "born_on": date(2009, 1, 1)}, "fallback"),
        ("pjj", {"basis": "tig_minor", "has_fallback": False, "born_on": date(1995, 1, 1)}, "born_on"),
    ],
)
def test_a_sentence_that_no_text_allows_is_refused(place, who, changes, field):
    placement = demand(place, who)
    with pytest.raises(InputRefused) as refusal:
        demands.record_sentence(by=place.viewer(who), placement=placement, data=sentence(**changes), now=timezone.now())
    assert refusal.value.field == field


def sector_of(place):
    """Put the post in a sector; return its id."""
    area = LocalItem.objects.create(
        territory=place.people.territory, list_code=ListCode.PLACE_SECTOR, label="Quais", valid_from=date(2020, 1, 1)
    )
    place.post.sector = area
    with audit.writing(place.viewer("spip"), now=timezone.now()):
        place.post.save()
    return area.pk


@pytest.mark.rule("ASG-03")
@pytest.mark.parametrize("who", ["spip", "pjj"])
@pytest.mark.parametrize("kind", ["host", "sector"])
def test_nobody_is_sent_to_a_place_to_keep_away_from(place, who, kind):
    area = sector_of(place)
    placement = demand(place, who, away=[str(place.host.pk if kind == "host" else area)])
    match = search.for_placement(place.viewer(who), fresh(placement), timezone.now()).matches[0]
    assert not match.fits
    assert match.why_not == [f"Lieu à éviter : {'Régie des quais' if kind == 'host' else 'Quais'}"]
    with pytest.raises(GuardRefused, match="à éviter"):
        stage.ask(place, fresh(placement), who)
    assert not Booking.objects.exists()


@pytest.mark.rule("ASG-03")
def test_elsewhere_is_offered_and_says_so(place):
    sector_of(place)
    other = uuid4()
    with pytest.raises(InputRefused) as refusal:
        demand(place, away=[str(other)])
    assert refusal.value.field == "away"
    placement = demand(place)
    match = search.for_placement(place.viewer("spip"), fresh(placement), timezone.now()).matches[0]
    assert match.fits
    assert not any("éviter" in each for each in match.why)


@pytest.mark.rule("TNR-02", "TNR-04")
@pytest.mark.parametrize(
    ("changes", "field"),
    [({"minutes": 101 * 60}, "hours"), ({"last_useful_on": 200}, "last_useful_on"), ({"measure": "fine"}, "measure")],
)
def test_a_tnr_has_a_hundred_hours_and_six_months(place, changes, field):
    if days := changes.get("last_useful_on"):
        changes = {"last_useful_on": localdate() + timedelta(days=days)}
    with pytest.raises(InputRefused) as refusal:
        demand(place, **({"measure": "tnr"} | changes))
    assert refusal.value.field == field


@pytest.mark.rule("TNR-01")
def test_the_text_is_the_one_of_the_measure(place):
    placement = demand(place, measure="tnr", last_useful_on=localdate() + timedelta(days=90))
    common = {"by": place.viewer("spip"), "placement": placement, "now": timezone.now()}
    last = localdate() + timedelta(days=90)
    with pytest.raises(InputRefused) as refusal:
        demands.record_sentence(data=sentence(last_useful_on=last), **common)
    assert refusal.value.field == "basis"
    demands.record_sentence(
        data=sentence(basis="tnr", minutes=60 * 60, months=6, has_fallback=False, last_useful_on=last), **common
    )
