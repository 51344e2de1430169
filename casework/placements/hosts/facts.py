"""The facts about hosts, posts and accreditations handed to access.decide(), and the same rules as querysets.

Rows 10 and 11 of domain.md §11. A host is opened by the same grants as its posts: who manages one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from casework.access import exclusions, grants, memo
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis, Facts, Need, decide, need_of, require
from casework.access.queryset import viewable
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.placements.hosts.codes import LISTS_FOR, AccreditedFor, Audience, PostState
from casework.placements.hosts.models import Accreditation, HostStructure, Post, PostGrant, PostQuerySet
from casework.placements.hosts.models.posts import OPEN_TO_MINORS

_NOTHING: frozenset[Basis] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How one viewer stands to one host, post or accreditation at one instant."""

    territory_id: UUID | None
    grants: frozenset[Basis] = _NOTHING
    for_minors: bool = True
    state_open: bool = True
    excluded: bool = False

    def facts(self, data_class: DataClass) -> Facts:
        """Return the facts for one data class."""
        return Facts(
            territory_id=self.territory_id, data_class=data_class, grants=self.grants, excluded=self.excluded,
            rules_in_force=False, state_open=self.state_open, for_minors=self.for_minors,
        )  # fmt: skip

    def allows(self, viewer: Viewer, action: Action, data_class: DataClass, now: datetime) -> bool:
        """Say whether decide() lets this happen: what a page offers."""
        return decide(viewer, action, self.facts(data_class), now).allow


def post_relations(viewer: Viewer, posts: Iterable[Post], now: datetime) -> Mapping[UUID, Relation]:
    """Return the relation of the viewer to each post, with one query for all grants."""
    rows = list(posts)
    held = grants.bases(PostGrant, viewer, [row.pk for row in rows], now)
    shut = exclusions.shut(viewer, now)
    return {
        row.pk: Relation(
            territory_id=row.territory_id, grants=held.get(row.pk, _NOTHING),
            for_minors=row.audience != Audience.ADULTS, state_open=row.state != PostState.STRUCK_OFF,
            excluded=row.subject_id in shut,
        )
        for row in rows
    }  # fmt: skip


def post_relation(viewer: Viewer, post: Post, now: datetime) -> Relation:
    """Return the relation of the viewer to one post."""
    return post_relations(viewer, [post], now)[post.pk]


def host_relations(viewer: Viewer, hosts: Iterable[HostStructure], now: datetime) -> Mapping[UUID, Relation]:
    """Return the relation of the viewer to each host: the grants held on its posts."""
    rows = list(hosts)
    posts = dict(Post.objects.filter(host_id__in=[row.pk for row in rows]).values_list("pk", "host_id"))
    held: dict[UUID, frozenset[Basis]] = {}
    for post_id, bases in grants.bases(PostGrant, viewer, list(posts), now).items():
        held[posts[post_id]] = held.get(posts[post_id], _NOTHING) | bases
    shut = exclusions.shut(viewer, now)
    return {
        row.pk: Relation(
            territory_id=row.territory_id, grants=held.get(row.pk, _NOTHING), excluded=row.subject_id in shut
        )
        for row in rows
    }


def host_relation(viewer: Viewer, host: HostStructure, now: datetime) -> Relation:
    """Return the relation of the viewer to one host."""
    return host_relations(viewer, [host], now)[host.pk]


def accreditation_relation(of_host: Relation, audience: str) -> Relation:
    """Return the relation to an accreditation of a host, from the relation to the host."""
    return Relation(
        territory_id=of_host.territory_id, grants=of_host.grants, excluded=of_host.excluded,
        for_minors=audience == AccreditedFor.MINORS,
    )  # fmt: skip


def visible_posts(viewer: Viewer, now: datetime, action: Action = Action.VIEW) -> PostQuerySet:
    """Return the posts of which the viewer may do `action`: decide() as a queryset (row 10)."""
    rows: PostQuerySet = Post.objects.all()
    shut = exclusions.shut(viewer, now)
    return viewable(
        rows, viewer, now, grant_model=PostGrant, classes=[DataClass.TIG_POSTS], action=action,
        for_minors=OPEN_TO_MINORS, excluded=Q(subject_id__in=shut) if shut else None,
    )  # fmt: skip


def visible_hosts(viewer: Viewer, now: datetime, action: Action = Action.VIEW) -> QuerySet[HostStructure]:
    """Return the hosts that the viewer may open: by its function on the territory, or by a post that it manages."""
    shut = exclusions.shut(viewer, now)
    every = viewable(
        HostStructure.objects.all(), viewer, now, grant_model=PostGrant, classes=[DataClass.TIG_POSTS], action=action,
        for_minors=~Q(pk__in=()), excluded=Q(subject_id__in=shut) if shut else None,
    )  # fmt: skip
    managed = visible_posts(viewer, now, action).values("host_id")
    return HostStructure.objects.filter(Q(pk__in=every.values("pk")) | Q(pk__in=managed))


def manages_any(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer holds a post: what tells the manager of a host from its tutor."""
    held = PostGrant.objects.live(now).filter(mandate_id=viewer.mandate_id)
    return memo.once(("hosts_manages", viewer, now), held.exists)


def find_post(viewer: Viewer, pk: UUID, now: datetime) -> Post:
    """Return one post that the viewer may see. Raises AccessRefused: absent and refused look the same."""
    post = visible_posts(viewer, now).select_related("host", "activity", "sector", "territory").filter(pk=pk).first()
    if post is None:
        raise AccessRefused(code="post")
    return post


def find_host(viewer: Viewer, pk: UUID, now: datetime) -> HostStructure:
    """Return one host that the viewer may see. Raises AccessRefused, absent or refused alike."""
    host = visible_hosts(viewer, now).select_related("organisation", "sector", "territory").filter(pk=pk).first()
    if host is None:
        raise AccessRefused(code="host")
    return host


def find_accreditation(viewer: Viewer, pk: UUID, now: datetime) -> Accreditation:
    """Return one accreditation of a host that the viewer may see. Raises AccessRefused, absent or refused alike."""
    rows = Accreditation.objects.select_related("host", "territory")
    found = rows.filter(pk=pk, host__in=visible_hosts(viewer, now).values("pk")).first()
    if found is None:
        raise AccessRefused(code="accreditation")
    relation = accreditation_relation(host_relation(viewer, found.host, now), found.audience)
    require(viewer, Action.VIEW, relation.facts(DataClass.HOST_ACCREDITATION), now)
    return found


def require_on_post(viewer: Viewer, post: Post, action: Action, now: datetime) -> None:
    """Ask decide() for one act on one post. Raises AccessRefused."""
    require(viewer, action, post_relation(viewer, post, now).facts(DataClass.TIG_POSTS), now)


def require_on_host(viewer: Viewer, host: HostStructure, action: Action, now: datetime) -> None:
    """Ask decide() for one act on one host. Raises AccessRefused."""
    require(viewer, action, host_relation(viewer, host, now).facts(DataClass.TIG_POSTS), now)


def names_tutors(viewer: Viewer) -> bool:
    """Say whether this viewer reads who the tutors are: the services that list posts, and a host its own; others count."""
    return viewer.role in LISTS_FOR or need_of(viewer.role, Action.LIST, DataClass.TIG_POSTS) is Need.GRANT


def require_tutors(viewer: Viewer, host: HostStructure, now: datetime) -> None:
    """Ask decide() for a change among the tutors of a host; nobody writes of a tutor that it may not read. Raises AccessRefused."""
    require_on_host(viewer, host, Action.CHANGE, now)
    _require_names(viewer)


def require_managers(viewer: Viewer, post: Post, now: datetime) -> None:
    """Ask decide() for the choice of who manages a post, among tutors read by name. Raises AccessRefused."""
    require_on_post(viewer, post, Action.CHANGE, now)
    _require_names(viewer)


def _require_names(viewer: Viewer) -> None:
    if not names_tutors(viewer):
        raise AccessRefused(code="role")


def manages(viewer: Viewer, host: HostStructure, now: datetime) -> bool:
    """Say whether somebody keeps hosts: a right of the function, which no grant gives to a manager of the host."""
    return host_relation(viewer, host, now).allows(viewer, Action.MANAGE, DataClass.TIG_POSTS, now)


def require_notes(viewer: Viewer, host: HostStructure, now: datetime) -> None:
    """Ask decide() for the notes of prospecting: of those who keep hosts, never of the host itself. Raises AccessRefused."""
    require_on_host(viewer, host, Action.MANAGE, now)


def require_accreditation(viewer: Viewer, host: HostStructure, audience: str, action: Action, now: datetime) -> None:
    """Ask decide() for one act on the accreditation of a host for one public. Raises AccessRefused."""
    relation = accreditation_relation(host_relation(viewer, host, now), audience)
    require(viewer, action, relation.facts(DataClass.HOST_ACCREDITATION), now)


def require_new_host(viewer: Viewer, now: datetime) -> None:
    """Ask decide() for a host that does not exist yet. Raises AccessRefused."""
    require(viewer, Action.CREATE, Relation(territory_id=viewer.territory_id).facts(DataClass.TIG_POSTS), now)


def require_new_post(viewer: Viewer, host: HostStructure, audience: str, now: datetime) -> None:
    """Ask decide() for a new post of a host: its managers too may propose one. Raises AccessRefused."""
    of_host = host_relation(viewer, host, now)
    relation = Relation(
        territory_id=host.territory_id, grants=of_host.grants, excluded=of_host.excluded,
        for_minors=audience != Audience.ADULTS,
    )  # fmt: skip
    require(viewer, Action.CREATE, relation.facts(DataClass.TIG_POSTS), now)
