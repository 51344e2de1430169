"""URL prefixes of each room (French paths, opaque ids)."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path(prefix, include(module))
    for prefix, module, *subject in (
        ("", "casework.desk.urls"),
        ("", "casework.access.accounts.urls"),
        ("", "casework.access.directory.urls"),
        ("", "casework.access.approvals.urls"),
        ("", "casework.access.exclusions.urls"),
        ("", "casework.casefile.endings.urls"),
        ("", "casework.access.emergencies.urls"),
        ("", "casework.access.asking.urls"),
        ("", "casework.access.duty.urls"),
        ("journal/", "casework.desk.journal.views"),
        ("", "casework.casefile.urls"),
        ("", "casework.minors.followups.urls"),
        ("reunions/", "casework.minors.sessions.urls"),
        ("", "casework.rights.urls"),
        ("indicateurs/", "casework.indicators.releases.urls"),
        ("indicateurs/trimestres/", "casework.indicators.quarters.urls"),
        ("indicateurs/evaluation/", "casework.indicators.evaluation.urls"),
        ("tig/", "casework.placements.hosts.urls", "placements"),
        ("tig/", "casework.placements.tig.urls", "placements"),
        ("reparations/", "casework.placements.reparation.urls", "placements"),
        ("tig/bilan/", "casework.placements.partnership.urls", "placements"),
        ("retours/", "casework.placements.returns.urls", "placements"),
        ("mesures-vif/", "casework.vif.offenders.urls", "vif"),
        ("victimes/", "casework.vif.victims.urls", "vif"),
        ("telephones/", "casework.vif.phones.urls", "vif"),
        ("fiche-reflexe/", "casework.vif.reflex.urls", "vif"),
        ("accueil-exclusion/", "casework.exclusions.urls", "exclusions"),
    )
    if find_spec(module) and set(subject) <= set(settings.SUBJECTS)
]

handler404 = "casework.desk.views.not_found"
handler500 = "casework.desk.views.server_error"
handler403 = "casework.desk.views.not_found"
handler400 = "casework.desk.views.bad_request"
