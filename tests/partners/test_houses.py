"""Services, groups, rules and charter: who sits, what is in force, who has signed."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, decide
from casework.audit import Act, system_actor
from casework.casefile import reads as lists
from casework.casefile.codes import ListCode
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners import actions, reads
from casework.partners.charter import MODEL_TEXT
from casework.partners.codes import MEMBER_KINDS, Formation, OrganisationKind, Role, TerritoryKind
from casework.partners.models import GroupRules, Mandate, WatchGroup
from tests.partners.helpers import by, choose_password, enrol, events, is_in, open_link
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("CLV-03")
def test_the_council_may_create_several_working_groups(people):
    made = actions.create_group(
        by=by(people.coordinator), territory=people.territory, name="Transports", now=timezone.now()
    )
    assert {group.pk for group in reads.groups(people.territory.pk)} == {people.group.pk, made.pk}
    assert reads.group_rules(made, localdate()) is None, "no exchange before it has rules of its own"
    for who in (people.pjj_lead, people.mayor, people.sysadmin, people.dpo, people.stranger):
        with pytest.raises(AccessRefused):
            actions.create_group(by=by(who), territory=people.territory, name="X", now=timezone.now())


@pytest.mark.rule("CLV-20")
def test_five_kinds_of_service_sit_and_no_other():
    assert {kind for kind in OrganisationKind if kind in MEMBER_KINDS} == {
        OrganisationKind.MUNICIPALITY,
        OrganisationKind.YOUTH_JUSTICE,
        OrganisationKind.HOME_EDUCATIONAL_SUPPORT,
        OrganisationKind.SOCIAL_SERVICE,
        OrganisationKind.STREET_OUTREACH,
    }


@pytest.mark.rule("CLV-20")
@pytest.mark.parametrize("service", ["school", "state_police", "town_police", "court", "host_body", "probation"])
def test_police_and_school_do_not_sit(people, service):
    with pytest.raises(GuardRefused, match="ne siège pas"):
        actions.join_group(
            by=by(people.coordinator), group=people.group, organisation=people.organisations[service],
            now=timezone.now(),
        )  # fmt: skip


@pytest.mark.rule("CLV-24")
def test_leaving_the_group_ends_seats_and_membership_at_once(people):
    now = timezone.now()
    actions.leave_group(by=by(people.coordinator), membership_id=people.memberships["aemo_service"].pk, now=now)
    assert people.aemo_service not in reads.member_organisations(people.group, now)
    assert reads.seat_holders(people.group, people.aemo_service, now) == []
    assert not viewer_of(people.aemo, now=now).sits_in(people.group.pk)
    assert viewer_of(people.aemo, now=now - timedelta(seconds=1)).sits_in(people.group.pk)
    back = actions.join_group(by=by(people.coordinator), group=people.group, organisation=people.aemo_service, now=now)
    assert reads.membership(people.group, people.aemo_service, now) == back


@pytest.mark.rule("CLV-06")
def test_rules_are_in_force_from_a_day_to_another_excluded(people):
    today = localdate()
    new = actions.adopt_group_rules(
        by=by(people.coordinator), group=people.group, adopted_on=today, valid_from=today + timedelta(days=10),
        who_knows_enabled=True, now=timezone.now(),
    )  # fmt: skip
    assert new.version == 2
    assert reads.group_rules(people.group, today + timedelta(days=9)) == people.rules
    assert reads.group_rules(people.group, today + timedelta(days=10)) == new
    assert reads.group_rules(people.group.pk, people.rules.valid_from - timedelta(days=1)) is None
    actions.end_group_rules(by=by(people.coordinator), rules_id=people.rules.pk, now=timezone.now())
    assert reads.group_rules(people.group, today) is None
    assert reads.group_rules(people.group, today - timedelta(days=1)) == people.rules


@pytest.mark.rule("CLV-06")
def test_without_rules_in_force_the_policy_refuses_nominative_exchange(people):
    viewer, now = viewer_of(people.coordinator), timezone.now()

    def asked(in_force: bool) -> Facts:
        return Facts(
            territory_id=people.territory.pk, data_class=DataClass.YOUTH_IDENTITY, excluded=False,
            rules_in_force=in_force, state_open=True, group_id=people.group.pk,
        )  # fmt: skip

    assert decide(viewer, Action.VIEW, asked(True), now).allow
    assert decide(viewer, Action.VIEW, asked(False), now).reason == "rules"


@pytest.mark.parametrize(
    "wrong",
    [
        {"adopted_on": localdate() + timedelta(days=1), "valid_from": localdate() + timedelta(days=1)},
        {"valid_from": localdate() - timedelta(days=1)},
        {"formation": Formation.SINGLE},
        {"valid_to": localdate()},
    ],
)
def test_rules_that_make_no_sense_are_refused(people, wrong):
    given = {"adopted_on": localdate(), "valid_from": localdate()} | wrong
    with pytest.raises(InputRefused):
        actions.adopt_group_rules(by=by(people.coordinator), group=people.group, now=timezone.now(), **given)
    assert GroupRules.objects.filter(group=people.group).count() == 1
    assert reads.group_rules(people.group, localdate()) == people.rules


@pytest.mark.rule("CLV-25")
def test_nobody_opens_a_record_before_signing(people):
    viewer, now = viewer_of(people.unsigned), timezone.now()
    asked = Facts(
        territory_id=people.territory.pk, data_class=DataClass.YOUTH_REFERRAL, excluded=False, rules_in_force=True,
        state_open=True, group_id=people.group.pk,
    )  # fmt: skip
    assert decide(viewer, Action.CREATE, asked, now).reason == "charter"
    client = client_for(people.unsigned)
    response = client.post(reverse("partners:charter"), {"charter": people.charter.pk})
    assert response.status_code == 302
    signed = Mandate.objects.get(pk=people.unsigned.pk)
    assert signed.charter_version == 1
    assert decide(viewer_of(signed), Action.CREATE, asked, timezone.now()).allow
    assert events(Act.CHANGE, "charter_signed").count() == 1


@pytest.mark.rule("CLV-25")
def test_one_signs_for_oneself_and_the_version_in_force(people):
    with pytest.raises(AccessRefused):
        actions.sign_charter(
            by=by(people.aemo), mandate_id=people.unsigned.pk, charter_id=people.charter.pk, now=timezone.now()
        )
    newer = actions.adopt_charter(
        by=by(people.coordinator), territory=people.territory, text=MODEL_TEXT, adopted_on=localdate(),
        now=timezone.now(),
    )  # fmt: skip
    with pytest.raises(GuardRefused, match="nouvelle version"):
        actions.sign_charter(
            by=by(people.unsigned), mandate_id=people.unsigned.pk, charter_id=people.charter.pk, now=timezone.now()
        )
    actions.sign_charter(by=by(people.unsigned), mandate_id=people.unsigned.pk, charter_id=newer.pk, now=timezone.now())


@pytest.mark.rule("CLV-25", "CHA-05")
def test_a_new_version_is_signed_again_by_all_and_old_signatures_are_kept(people):
    before = {line.mandate_id: line.signed_at for line in reads.signatures(people.charter, timezone.now())}
    assert before[people.pjj.pk] is not None
    actions.adopt_charter(
        by=by(people.coordinator), territory=people.territory, text=MODEL_TEXT, adopted_on=localdate(),
        now=timezone.now(),
    )  # fmt: skip
    assert not viewer_of(Mandate.objects.get(pk=people.pjj.pk)).charter_signed
    assert viewer_of(Mandate.objects.get(pk=people.stranger.pk)).charter_signed, "another town is not concerned"
    after = {line.mandate_id: line.signed_at for line in reads.signatures(people.charter, timezone.now())}
    assert after == before
    new = reads.current_charter(people.territory)
    assert all(line.signed_at is None for line in reads.signatures(new, timezone.now()))


@pytest.mark.rule("CLV-25")
@pytest.mark.parametrize(
    "person",
    ["aemo", "coordinator", "dpo", "sysadmin"],
)
def test_the_charter_page_is_the_first_page_of_the_unsigned(people, person):
    mandate = people.mandates[person]
    mandate.charter_signed_at = None
    mandate.save()
    client = client_for(mandate)
    assert client.get(reverse("directory:index")).url == reverse("partners:charter")
    assert client.post(reverse("directory:add_group"), {"name": "X"}).status_code == 404
    assert WatchGroup.objects.filter(territory=people.territory).count() == 1


def test_letters_are_given_once(people):
    for act in (
        lambda: actions.create_organisation(
            by=by(people.coordinator), territory=people.territory, kind=OrganisationKind.SCHOOL, name="École",
            letter="a", now=timezone.now(),
        ),
        lambda: actions.change_organisation(
            by=by(people.coordinator), organisation_id=people.pjj_service.pk, name="PJJ", short_name="", letter="A",
            is_active=True, now=timezone.now(),
        ),
    ):  # fmt: skip
        with pytest.raises(InputRefused, match="lettre"):
            act()
    with pytest.raises(GuardRefused):
        actions.change_organisation(
            by=by(people.coordinator), organisation_id=people.pjj_service.pk, name="PJJ", short_name="", letter="P",
            is_active=False, now=timezone.now(),
        )  # fmt: skip


@pytest.mark.rule("CLV-07")
@pytest.mark.parametrize("kind", [TerritoryKind.COMMUNE, TerritoryKind.EPCI])
def test_the_first_person_gets_in_by_the_command(kind):
    out = StringIO()
    call_command(
        "first_invitation", territory="Valmont", prefix="VMT", kind=str(kind), email="elue@valmont.example",
        first_name="Ève", last_name="Roland", stdout=out,
    )  # fmt: skip
    token = out.getvalue().strip().rsplit("/", 1)[1]
    client = open_link(token)
    assert choose_password(client).status_code == 302
    mandate = Mandate.objects.get(role=Role.COORDINATOR)
    enrol(client, mandate.agent)
    assert is_in(client)
    assert mandate.territory.kind == kind
    charter = reads.current_charter(mandate.territory)
    client.post(reverse("partners:charter"), {"charter": charter.pk})
    assert client.get(reverse("directory:services")).status_code == 200
    assert reads.group_rules(reads.groups(mandate.territory_id)[0], localdate()) is None, "rules are theirs to adopt"
    for code in (ListCode.PROGRAMME, ListCode.SCHEME):  # without a programme nobody can be followed
        assert lists.choices(mandate.territory_id, code, localdate())


def test_a_territory_has_three_sectors_at_most():
    with pytest.raises(InputRefused):
        actions.create_territory(
            by=system_actor(), kind="commune", name="X", prefix="XXX", sectors=["1", "2", "3", "4"],
            now=timezone.now(),
        )  # fmt: skip


def test_a_leap_day_charter_is_reviewed_on_the_28th():
    from casework.access.directory.houses import _a_year_after

    assert _a_year_after(date(2028, 2, 29)) == date(2029, 2, 28)
