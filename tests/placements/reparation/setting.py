"""A host open to minors with its manager, and a réparation at any stage of either track."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile.attached import Upload
from casework.casefile.retention import years_after
from casework.placements.hosts.codes import Half
from casework.placements.hosts.models import Post
from casework.placements.reparation.actions import activity, agreements, files, follow, hosting, opening
from casework.placements.reparation.actions.activity import PlaceData
from casework.placements.reparation.actions.hosting import AskData
from casework.placements.reparation.actions.opening import OrderData
from casework.placements.reparation.models import PlaceRequest, Reparation, Victim
from tests.hosts.setting import Catalogue

YOUNG, VICTIM = "Zzcanari Jeune", "Zzcanari Victime"


def paper() -> Upload:
    """A signed paper, as a scanner gives it."""
    from PIL import Image

    out = BytesIO()
    Image.new("L", (8, 8), 255).save(out, "PNG")
    return Upload(name="accord.png", content=out.getvalue())


@dataclass
class Setting:
    """What a test starts from."""

    catalogue: Catalogue
    post: Post

    @property
    def people(self) -> Any:
        return self.catalogue.people

    @property
    def now(self) -> datetime:
        return self.catalogue.now

    @property
    def today(self) -> date:
        return localdate(self.now)

    def viewer(self, who: str, now: datetime | None = None) -> Viewer:
        return self.catalogue.viewer(who, now)

    def order(self, track: str = "alternative", **changes: Any) -> OrderData:
        """An order ten days old, six months to go; somebody of fifteen at the facts."""
        ordered_on = self.today - timedelta(days=10)
        values: dict[str, Any] = {
            "track": track, "authority": "prosecutor" if track == "alternative" else "children_judge",
            "ordered_on": ordered_on, "term_on": self.today + timedelta(days=170), "last_name": YOUNG,
            "first_name": "Lina", "born_on": years_after(self.today, -16), "facts_on": ordered_on - timedelta(days=60),
            "case_mark": "Zzcanari dossier", "facts": "Zzcanari faits", "phone": "0639980011",
            "parents": "Zzcanari Parents", "parents_phone": "0639980012", "goals": ("responsibility", "activity"),
        }  # fmt: skip
        return OrderData(**(values | changes))

    def received(self, track: str = "alternative", who: str = "pjj", **changes: Any) -> Reparation:
        return opening.receive(by=self.viewer(who), data=self.order(track, **changes), now=self.now)

    def say(self, reparation: Reparation, who: str = "pjj", *, refused: str = "", **changes: Any) -> Reparation:
        """Record what both say, papers joined: agreements, or observations and the decision."""
        is_module = reparation.track == "module"
        for party in ("minor", "parents"):
            answer = "heard" if is_module else "refused" if party == refused else "agreed"
            values: dict[str, Any] = {
                "answer": answer, "said_on": self.today, "upload": paper(),
                "summoned_on": self.today if party == "parents" and not is_module else None,
                "signatories": "Zzcanari signature",
            }  # fmt: skip
            agreements.record(
                by=self.viewer(who), reparation=fresh(reparation), party=party, now=self.now, **(values | changes)
            )
        if is_module:
            files.join(by=self.viewer(who), reparation=reparation, kind="decision", upload=paper(), now=self.now)
        return fresh(reparation)

    def agreed(self, track: str = "alternative", who: str = "pjj", **changes: Any) -> Reparation:
        return self.say(self.received(track, who, **changes), who)

    def slots(self, n: int = 2, first: int = 0) -> list[tuple[date, Half]]:
        return [(self.catalogue.weekday(first + i), Half.AM) for i in range(n)]

    def place(
        self, reparation: Reparation, who: str = "pjj", *, post: Post | None = None, **changes: Any
    ) -> Reparation:
        values: dict[str, Any] = {
            "post_id": (post or self.post).pk, "slots": self.slots(), "host_agreed_on": self.today
        }  # fmt: skip
        activity.assign_community(
            by=self.viewer(who), reparation=reparation, data=PlaceData(**(values | changes)), now=self.now,
            expected=reparation.revision,
        )  # fmt: skip
        return fresh(reparation)

    def ask(
        self, reparation: Reparation, who: str = "pjj", *, post: Post | None = None, **changes: Any
    ) -> PlaceRequest:
        """Ask the host for two half-days, after the five working days that it has to answer."""
        values: dict[str, Any] = {"post_id": (post or self.post).pk, "slots": self.slots(first=8)}
        return hosting.ask(
            by=self.viewer(who), reparation=reparation, data=AskData(**(values | changes)), now=self.now,
            expected=reparation.revision,
        )  # fmt: skip

    def assigned(self, track: str = "alternative", who: str = "pjj", **changes: Any) -> Reparation:
        return self.place(self.agreed(track, who), who, **changes)

    def waiting(self, track: str = "module", who: str = "pjj", form: str = "mediation") -> tuple[Reparation, Victim]:
        """One whose victim is asked."""
        reparation = self.agreed(track, who)
        activity.assign_towards_victim(
            by=self.viewer(who), reparation=reparation, form=form, mediator="Passerelles", accredited=True,
            now=self.now, expected=reparation.revision,
        )  # fmt: skip
        reparation = fresh(reparation)
        victim = agreements.add_victim(
            by=self.viewer(who), reparation=reparation, last_name=VICTIM, first_name="Ana", phone="0639980013",
            asked_on=self.today, now=self.now,
        )  # fmt: skip
        victim.reparation = reparation
        return reparation, victim

    def running(self, track: str = "alternative", who: str = "pjj", **changes: Any) -> Reparation:
        reparation = self.assigned(track, who, **changes)
        follow.start(by=self.viewer(who), reparation=reparation, now=self.now, expected=reparation.revision)
        return fresh(reparation)

    def rate(self, reparation: Reparation, who: str = "pjj", result: str = "achieved") -> None:
        results = {goal.pk: result for goal in reparation.goals.all()}
        follow.rate(by=self.viewer(who), reparation=reparation, results=results, now=self.now)

    def reported(self, track: str = "alternative", who: str = "pjj") -> Reparation:
        reparation = self.running(track, who)
        self.rate(reparation, who)
        follow.report(
            by=self.viewer(who), reparation=reparation, reported_on=self.today, conclusion="Zzcanari conclusion",
            now=self.now, expected=reparation.revision,
        )  # fmt: skip
        return fresh(reparation)

    def closed(self, track: str = "alternative", who: str = "pjj", outcome: str = "") -> Reparation:
        reparation = self.reported(track, who)
        outcome = outcome or ("dismissed" if track == "alternative" else "fulfilled")
        follow.close(
            by=self.viewer(who), reparation=reparation, outcome=outcome, closed_on=self.today, now=self.now,
            expected=reparation.revision,
        )  # fmt: skip
        return fresh(reparation)


def fresh(reparation: Reparation) -> Reparation:
    """Return the réparation as stored now."""
    return Reparation.objects.select_related("post__host", "organisation", "territory").get(pk=reparation.pk)
