"""`stats_release PERIOD --dry-run`: what the edition of a year would hide, and which merge would hide less."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casework.errors import GuardRefused
from casework.indicators.releases.building import Drawn, Variant
from casework.indicators.releases.reads import atoms
from casework.indicators.releases.tables import TOTAL
from casework.partners.codes import TerritoryKind
from casework.partners.models import Territory


class Command(BaseCommand):
    """Prints cells, widths and shares, never a number that would be hidden. The release itself is an act of two persons."""

    help = "Dit ce que l’édition d’une année cacherait. La publication se fait à l’écran, à deux."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("period", type=int, metavar="ANNÉE")
        parser.add_argument("--dry-run", action="store_true", help="obligatoire : cette commande ne publie rien")
        parser.add_argument("--territory", metavar="COMMUNE", help="une seule commune")

    def handle(self, *args: Any, period: int, dry_run: bool, territory: str | None, **options: Any) -> None:
        """Print. Raises CommandError (no --dry-run, unknown town, what cannot be judged)."""
        if not dry_run:
            raise CommandError(
                "Ajoutez --dry-run : une édition se publie à l’écran, avec l’accord d’une seconde personne."
            )
        towns = Territory.objects.exclude(kind=TerritoryKind.COURT_DISTRICT).order_by("name")
        if territory:
            towns = towns.filter(name=territory)
        if not towns:
            raise CommandError("Aucune commune de ce nom.")
        for town in towns:
            self.stdout.write(f"{town.name}, édition {period}")
            try:
                drawn = atoms.draw(town.pk, period)
            except GuardRefused as problem:
                raise CommandError(str(problem)) from problem
            for each in drawn:
                self._say(each)

    def _say(self, drawn: Drawn) -> None:
        self.stdout.write(f"\n  {drawn.table.title}")
        if drawn.kept:
            self.stdout.write("    déjà publiée : reprise telle quelle")
        elif drawn.taken is None and not drawn.tried:
            self.stdout.write("    pas encore comptée, ou dans une période déjà publiée")
        else:
            for variant in drawn.tried:
                mark = "retenue" if variant is drawn.taken else "écartée"
                self.stdout.write(f"    {_words(variant)} ({mark})")
            if drawn.taken is not None:
                for key, width in drawn.taken.hidden:
                    where = " × ".join(_label(drawn.taken, at, code) for at, code in enumerate(key))
                    self.stdout.write(
                        f"      non affiché : {where} ; intervalle : {'ouvert' if width is None else width}"
                    )


def _words(variant: Variant) -> str:
    years = "1 an" if variant.span == 1 else f"{variant.span} ans ensemble"
    said = ", ".join(part for part in (years, variant.said) if part)
    if variant.table.why_none:
        return f"{said} : rien d’affiché"
    return f"{said} : {variant.share:.0%} des cases cachées"


def _label(variant: Variant, at: int, code: str) -> str:
    if code == TOTAL:
        return "ensemble"
    return dict(variant.table.dimensions[at].codes)[code]
