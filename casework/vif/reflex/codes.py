"""Closed lists of the reflex sheet: its parts, and who an awareness session was for."""

from __future__ import annotations

from django.db import models


class Part(models.TextChoices):
    """The parts of the sheet, in the order they are read."""

    DANGER = "danger", "Danger immédiat"
    SPEAKS = "speaks", "Elle en parle"
    CHILD = "child", "Un enfant est là"
    AFTER = "after", "Ensuite : vers qui orienter"
    NEVER = "never", "Ce qu’il ne faut pas faire"


class Audience(models.TextChoices):
    """Who came to an awareness session: trades, never names."""

    POLICE = "police", "police, gendarmerie, police municipale"
    SCHOOL = "school", "Éducation nationale"
    HEALTH = "health", "santé"
    SOCIAL = "social", "travail social"
    MUNICIPAL = "municipal", "agents de la commune"
    LANDLORD = "landlord", "bailleurs, gardiens"
    ASSOCIATION = "association", "associations"


# What a new town finds on its sheet: public numbers alone, to be completed with the local ones.
STARTING: dict[str, str] = {
    Part.DANGER: "Appelez le 17, ou le 112. Par SMS : le 114.\nRestez avec elle si vous le pouvez sans danger.",
    Part.SPEAKS: "Écoutez sans juger, à l’écart. Croyez-la. Dites : « Vous n’y êtes pour rien, la loi l’interdit. »\n"
    "3919, écoute anonyme et gratuite, 24 heures sur 24.",
    Part.CHILD: "119, enfance en danger. Un enfant qui voit ou entend est victime, lui aussi.",
    Part.AFTER: "Proposez, n’imposez pas : aide aux victimes au 116 006. Demandez comment la joindre sans danger.",
    Part.NEVER: "Ne rappelez pas sans savoir si c’est sûr. Ne donnez ni adresse, ni téléphone, ni école, à personne.\n"
    "Ne proposez pas de médiation. N’en parlez pas devant son conjoint, ni devant l’enfant.",
}
