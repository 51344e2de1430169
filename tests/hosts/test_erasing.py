"""The end of what is kept of hosts: contacts, tutors and posts go at their term, with the key (RET-07)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.casefile.models import Erasure
from casework.casefile.retention import months_after
from casework.errors import Shredded
from casework.placements.hosts.actions import erasing, posts, structures
from casework.placements.hosts.codes import HostStage
from casework.placements.hosts.data import HostData
from casework.placements.hosts.models import Booking, HostStructure, Post, Supervisor, Training
from casework.placements.tig.actions import ends
from casework.sealing import keys
from tests.hosts.setting import CONTACT, Catalogue
from tests.instants import noon
from tests.people import client_for
from tests.placements.tig import setting as stage

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("RET-07")]


def prospect(catalogue: Catalogue, name: str = "Ludothèque") -> HostStructure:
    data = HostData(name=name, legal_kind="association", contact=CONTACT, phone="0639980001")
    return structures.inscribe(by=catalogue.viewer("coordinator"), data=data, now=catalogue.now)


def ended(catalogue: Catalogue) -> HostStructure:
    """A host whose post was drafted and dropped, with a tutor, under an agreement that ends today."""
    host = catalogue.host()
    catalogue.supervisor(host)
    post = catalogue.draft(host)
    posts.strike_off(by=catalogue.viewer("spip"), post=post, reason="agreement", now=catalogue.now)
    structures.move(by=catalogue.viewer("spip"), host=host, to=HostStage.ENDED, now=catalogue.now)
    return HostStructure.objects.get(pk=host.pk)


def is_gone(host: HostStructure) -> bool:
    """Say whether nothing is left: neither row, nor history, nor key."""
    models = (
        HostStructure,
        Supervisor,
        Post,
        HostStructure.history.model,
        Supervisor.history.model,
        Post.history.model,
    )
    if any(model._base_manager.filter(subject_id=host.pk).exists() for model in models):
        return False
    with pytest.raises(Shredded):
        keys.ensure(host.pk)
    return True


def test_a_prospect_goes_three_years_after_the_last_exchange(catalogue: Catalogue) -> None:
    host = prospect(catalogue)
    due = months_after(localdate(catalogue.now), 36)
    assert erasing.erased_on(host) == due
    assert erasing.erase_over(noon(due - timedelta(days=1))) == 0
    assert HostStructure.objects.filter(pk=host.pk).exists()
    assert erasing.erase_over(noon(due)) == 1
    assert is_gone(host)
    assert Erasure.objects.get().reason == erasing.TERM


def test_a_step_planned_for_later_counts_as_the_last_exchange(catalogue: Catalogue) -> None:
    host = prospect(catalogue)
    structures.plan_step(
        by=catalogue.viewer("coordinator"), host=host, step="call", on=localdate(catalogue.now) + timedelta(days=90),
        now=catalogue.now,
    )  # fmt: skip
    assert erasing.erase_over(catalogue.now + timedelta(days=3 * 366)) == 0
    assert erasing.erase_over(catalogue.now + timedelta(days=3 * 366 + 90)) == 1


def test_a_host_goes_two_years_after_its_agreement_with_its_tutors_and_posts(catalogue: Catalogue) -> None:
    host = ended(catalogue)
    assert erasing.erase_over(catalogue.now + timedelta(days=2 * 365 - 5)) == 0
    assert erasing.erase_over(catalogue.now + timedelta(days=2 * 366)) == 1
    assert is_gone(host)
    assert Erasure.objects.get().row_count == 3 + len(catalogue.half_days()), (
        "the host, its tutor, its post and its week"
    )


def test_a_host_that_receives_never_goes_by_itself(catalogue: Catalogue) -> None:
    host = catalogue.host()
    assert erasing.erased_on(host) is None
    assert erasing.erase_over(catalogue.now + timedelta(days=4000)) == 0


def test_a_host_that_a_file_names_waits_for_the_end_of_the_file(people: object) -> None:
    """A TIG asked of its post holds it: neither its rows nor its places may go under the file."""
    place = stage.build(people)
    placement = stage.asked(place)
    now = timezone.now()
    ends.void(by=place.viewer("spip"), placement=stage.fresh(placement), reason="withdrawn", now=now)
    with audit.writing(audit.system_actor(place.people.territory.pk), now=now):
        place.host.stage, place.host.stage_on = HostStage.ENDED, localdate(now)
        place.host.save()
    late = now + timedelta(days=900)
    assert erasing.erase_over(late) == 0
    assert Post.objects.filter(pk=place.post.pk).exists()
    from casework.placements.tig.actions import erasing as files

    files.erase_ended(late)
    assert erasing.erase_over(late) == 1
    assert is_gone(place.host)
    assert not Booking.objects.exists()


def test_a_tutor_who_left_goes_two_years_later_with_every_older_version(catalogue: Catalogue) -> None:
    host = catalogue.host()
    row, stays = catalogue.supervisor(host), catalogue.supervisor(host, "Zzreste")
    by, now = catalogue.viewer("spip"), catalogue.now
    structures.add_training(by=by, supervisor=row, held_on=localdate(now), topic="law", now=now)
    structures.end_supervisor(by=by, supervisor=row, now=now)
    erasing.erase_over(now + timedelta(days=2 * 365 - 5))
    assert Supervisor.objects.filter(pk=row.pk).exists()
    erasing.erase_over(now + timedelta(days=2 * 366))
    assert list(Supervisor.objects.values_list("pk", flat=True)) == [stays.pk]
    assert not Supervisor.history.filter(id=row.pk).exists()
    assert not Training.objects.exists()
    assert HostStructure.objects.filter(pk=host.pk).exists()


def test_the_page_of_a_host_and_the_data_protection_officer_read_the_terms(catalogue: Catalogue) -> None:
    host = prospect(catalogue)
    page = client_for(catalogue.people.spip).get(reverse("hosts:host", args=[host.pk])).content.decode()
    assert "Effacement" in page
    assert f"{months_after(localdate(catalogue.now), 36):%d/%m/%Y}" in page
    read = client_for(catalogue.people.dpo).get(reverse("endings:list")).content.decode()
    assert "Structure d’accueil, avec ses contacts et ses tuteurs" in read
