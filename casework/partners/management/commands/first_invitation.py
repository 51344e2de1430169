"""Let the first people in: coordinator, DPO, technical administrator. Everybody else is invited on screen."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit import system_actor
from casework.errors import InputRefused
from casework.partners import actions, reads
from casework.partners.charter import MODEL_TEXT, RESSORT_TEXT
from casework.partners.codes import RESSORT_COORDINATION, OrganisationKind, Role, TerritoryKind
from casework.partners.models import Organisation, Territory

FIRST_ROLES = (Role.COORDINATOR, Role.DPO, Role.SYSADMIN)


class Command(BaseCommand):
    """Open a territory if needed, appoint one person in it, print the one-time link."""

    help = "Ouvre un territoire au besoin, désigne une première personne et affiche son lien à usage unique."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what must be known."""
        parser.add_argument("--territory", required=True, help="nom de la commune, de l’intercommunalité ou du ressort")
        parser.add_argument("--prefix", required=True, help="préfixe des références, par exemple MIR")
        parser.add_argument("--kind", default=TerritoryKind.COMMUNE, choices=TerritoryKind.values)
        parser.add_argument("--email", required=True)
        parser.add_argument("--first-name", required=True)
        parser.add_argument("--last-name", required=True)
        parser.add_argument("--role", default=Role.COORDINATOR, choices=[str(role) for role in FIRST_ROLES])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; running it again for another person uses the same territory."""
        now = timezone.now()
        territory = Territory.objects.filter(prefix=options["prefix"].strip().upper()).first()
        try:
            if territory is None:
                territory = self._open(options)
            by = system_actor(territory.pk)
            in_ressort = territory.kind == TerritoryKind.COURT_DISTRICT
            kind = OrganisationKind.OTHER if in_ressort else OrganisationKind.MUNICIPALITY
            office = Organisation.objects.filter(territory=territory, kind=kind).order_by("pk").first()
            if office is None:
                raise CommandError("Ce territoire n’a pas de service de la commune, ni de gestion du ressort.")
            coordinates = in_ressort and options["role"] == Role.COORDINATOR
            invited = actions.invite(
                by=by,
                email=options["email"],
                first_name=options["first_name"],
                last_name=options["last_name"],
                organisation=office,
                role=options["role"],
                job_title=RESSORT_COORDINATION.capitalize() if coordinates else "",
                now=now,
            )
        except InputRefused as refusal:
            raise CommandError(refusal.message) from None
        if invited.token is None:
            self.stdout.write("Cette personne a déjà un compte : la fonction lui est ajoutée.")
            return
        link = reverse("partners:invitation", args=[invited.token])
        self.stdout.write(f"Lien à usage unique, valable 7 jours, à donner en main propre :\n{settings.BASE_URL}{link}")

    def _open(self, options: dict[str, Any]) -> Territory:
        """Return a new territory with a model charter to sign: its municipality and its cellule, or a ressort's office."""
        now = timezone.now()
        territory = actions.create_territory(
            by=system_actor(), kind=options["kind"], name=options["territory"], prefix=options["prefix"], now=now
        )
        by = system_actor(territory.pk)
        if territory.kind == TerritoryKind.COURT_DISTRICT:
            actions.create_organisation(
                by=by, territory=territory, kind=OrganisationKind.OTHER, name=f"Gestion – {territory.name}",
                short_name="Ressort", now=now,
            )  # fmt: skip
            actions.adopt_charter(by=by, territory=territory, text=RESSORT_TEXT, adopted_on=localdate(now), now=now)
            return territory
        town = actions.create_organisation(
            by=by, territory=territory, kind=OrganisationKind.MUNICIPALITY, name=territory.name, letter="C", now=now
        )
        group = actions.create_group(by=by, territory=territory, name="Cellule de veille préventive", now=now)
        actions.join_group(by=by, group=group, organisation=town, now=now)
        if reads.current_charter(territory) is None:
            actions.adopt_charter(by=by, territory=territory, text=MODEL_TEXT, adopted_on=localdate(now), now=now)
        return territory
