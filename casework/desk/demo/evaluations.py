"""The evaluation of last year, read by the plenary in June: a comment for each chapter, lines typed for the other actions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from casework.desk.demo.story import Story
from casework.indicators.evaluation import actions
from casework.indicators.evaluation.codes import Chapter

COMMENTS: Final = {
    Chapter.CELLULE: (
        "La cellule prend son rythme : une réunion par mois depuis l’automne, et un règlement intérieur signé par tous.\n"
        "À poursuivre : des saisines plus tôt dans l’année, avant les conseils de discipline."
    ),
    Chapter.SERVICES: "Chaque service a désigné un suppléant ; les excuses arrivent désormais avant la réunion.",
    Chapter.EXCLUSIONS: "Trois établissements ont signé. L’accueil se fait dès le premier jour de l’exclusion dans la plupart des cas.",
    Chapter.MEASURES: "Deux structures ont rejoint la liste des postes. Il manque des postes le mercredi pour les mineurs.",
    Chapter.RETURNS: "Ces nombres viennent des feuilles annuelles des services ; ils ne disent pas l’effet d’une mesure.",
    Chapter.OTHERS: "La médiation sociale est financée pour trois ans.",
}
LINES: Final = (
    ("Action 1 : présence dans l’espace public", "Heures de présence de la police municipale en soirée", "1 240"),
    ("Action 2 : médiation sociale", "Permanences tenues", "86"),
    ("Action 4 : soutien à la parentalité", "Ateliers de parents", "14, dont 5 en collège"),
    ("Action 5 : prévention en milieu scolaire", "Classes de 5e touchées", "11 sur 12"),
)


def tell(story: Story) -> None:
    """Open the year that ended, comment it, finish it before the plenary of June."""
    day = min(date(story.today.year, 6, 2), story.today - timedelta(days=3))
    now = story.at(day, 9)
    with story.moment("coordinator", now) as by:
        row = actions.open_year(by=by, year=day.year - 1, now=now)
        for chapter, words in COMMENTS.items():
            actions.comment(by=by, row=row, chapter=chapter, words=words, expected=None, now=now)
        for action, indicator, value in LINES:
            actions.add_line(
                by=by, row=row, action=action, indicator=indicator, value=value, expected=None, now=now
            )  # fmt: skip
        actions.finish(by=by, row=row, expected=None, now=now)
