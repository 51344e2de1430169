"""One full example of what each document template takes (casework.casefile.papers)."""

from __future__ import annotations

from casework.casefile import charts, papers
from casework.casefile import documents as d

LETTER: papers.Letter = {
    "addressee": ["Madame Belkacem", "Bât. C3, appt 12", "4 rue des Ormes", "13140 MIRAMONT"],
    "place": "Miramont",
    "reference": "MIR-2026-K7QF",
    "subject": "information sur l’accompagnement proposé à votre enfant",
    "salutation": "Madame,",
    "paragraphs": [
        "La cellule de veille de la commune réunit les services qui peuvent aider votre enfant.",
        "Vous pouvez demander à tout moment ce qui est écrit à son sujet, le faire corriger ou vous y opposer.",
    ],
    "closing": "Veuillez agréer, Madame, mes salutations distinguées.",
    "signatory": ["La coordinatrice du CLSPD", "Anne Roche"],
    "notes": ["Vos droits : écrire au délégué à la protection des données, mairie de Miramont."],
}

LETTERS: papers.LetterData = {
    "commune": "Ville de Miramont",
    "sender": ["Cellule de veille", "1 place de la Mairie", "13140 Miramont", "04 42 00 00 00"],
    "letters": [
        LETTER,
        {**LETTER, "addressee": ["Monsieur Nguyễn", "9 avenue Иван-Petrov", "13140 MIRAMONT"], "reference": ""},
    ],
}

MINUTES: papers.MinutesData = {
    "commune": "Ville de Miramont",
    "lead": ["Cellule de veille, réunion du mardi 8 décembre 2026, de 14 h à 16 h 30", "Exemplaire de la PJJ"],
    "attendance": [
        {"service": "PJJ – milieu ouvert", "person": "Mme Vidal", "state": "présente"},
        {"service": "ADDAP 13", "person": "M. Petit", "state": "arrivé à 14 h 20"},
        {"service": "MDS", "person": "", "state": "excusée"},
    ],
    "situations": [
        {
            "number": 4,
            "card": "Y. B. · 2011 · Maille 2",
            "removed": "",
            "findings": [
                {"label": "Dispositifs", "value": "sauvegarde active, PRE demandé"},
                {"label": "Présents", "value": "PJJ, ADDAP 13"},
            ],
            "decisions": [
                {"who": "ADDAP 13", "what": "rencontre avec la famille", "precision": "avant les vacances",
                 "due": "18 déc.", "state": "à faire"},
                {"who": "Mission locale", "what": "formation ou emploi", "precision": "",
                 "due": "12 janv.", "state": "en cours"},
            ],
            "outcome": "poursuivre, à revoir le 12 janvier",
        },
        {"number": 5, "card": "Situation 5", "removed": "Situation retirée (durée atteinte)",
         "findings": [], "decisions": [], "outcome": ""},
        {"number": 6, "card": "É. S. · 2009 · Centre", "removed": "", "findings": [], "decisions": [], "outcome": ""},
    ],
    "general": ["Une question sans nom : conseil donné, orienter vers la mission locale."],
    "addenda": [{"on": "15 décembre 2026", "text": "Situation 4 : lire le 19 décembre."}],
    "notes": ["Approuvé sans observation le 15 décembre 2026."],
    "proof": {"code": "casework:1:4211:9f3a",
              "words": ["aube", "canal", "dune", "écho", "fable", "givre", "halte", "îlot"]},
}  # fmt: skip

AGENDA: papers.AgendaData = {
    "commune": "Ville de Miramont",
    "meeting": "mardi 8 décembre 2026, de 14 h à 16 h 30",
    "place": "Maison du projet, salle 2",
    "intro": ["Chaque service arrive et repart une seule fois."],
    "blocks": [
        {
            "heading": "De 14 h à 14 h 40 : PJJ, ADDAP 13",
            "notice": "Merci aux autres services de patienter à l’accueil.",
            "lines": [
                {"number": 1, "card": "Y. B. · 13-15 ans · Maille 2", "services": "PJJ, ADDAP 13", "minutes": "8 min",
                 "reasons": ["décision en retard, 2e réunion", "mesure finie dans 30 jours"]},
                {"number": 2, "card": "L. D. · 16-17 ans · Centre", "services": "ADDAP 13", "minutes": "10 min",
                 "reasons": ["nouvelle saisine"]},
            ],
        },
        {
            "heading": "", "notice": "",
            "lines": [{"number": 3, "card": "M. C. · 10-12 ans", "services": "MDS", "minutes": "8 min",
                       "reasons": ["à revoir"]}],
        },
    ],
    "total": "26 min sur 2 h 30",
    "notes": ["Préparer n’est jamais obligatoire."],
}  # fmt: skip

SHEET: papers.SheetData = {
    "commune": "Ville de Miramont",
    "lead": ["Réunion du mardi 8 décembre 2026"],
    "services": [{"letter": "A", "name": "ADDAP 13"}, {"letter": "P", "name": "PJJ"}],
    "codes": [{"code": "FAM", "label": "rencontre avec la famille"}, {"code": "ECO", "label": "retour à l’école"}],
    "situations": [
        {"number": 1, "card": "Y. B. · 15 ans · Maille 2", "present": "A P M", "blanks": 3,
         "last": [{"who": "A", "what": "rencontre avec la famille", "due": "18 nov."}]},
        {"number": 2, "card": "L. D. · 17 ans · Centre", "present": "A", "blanks": 2, "last": []},
    ],
}  # fmt: skip

ATTENDANCE: papers.AttendanceData = {
    "commune": "Ville de Miramont",
    "meeting": "mardi 8 décembre 2026, 14 h",
    "place": "Maison du projet",
    "people": [
        {"service": "PJJ – milieu ouvert", "person": "Mme Vidal", "function": "éducatrice", "state": "attendue"},
        {"service": "MDS", "person": "M. Costa", "function": "assistant social", "state": "excusé"},
    ],
    "blanks": 3,
}

MAYOR_PAGE: papers.MayorPageData = {
    "commune": "Ville de Miramont",
    "lead": ["Référence MIR-2026-K7QF"],
    "act": "Rappel à l’ordre",
    "ground": "incivilités",
    "law": "Code de la sécurité intérieure, article L132-7",
    "asked_by": "Coordination du CLSPD, le 8 décembre 2026",
    "opinion": "favorable, le 2 décembre 2026",
    "person": [
        {"label": "Nom et prénom", "value": "Belkacem Yanis"},
        {"label": "Né le", "value": "12 mars 2011"},
    ],
    "parents": [[{"label": "Nom et prénom", "value": "Belkacem Nadia"}, {"label": "Lien", "value": "mère"}]],
    "notes": ["Le rappel à l’ordre est oral, en présence des parents d’un mineur."],
}

STATEMENT: papers.StatementData = {
    "commune": "Ville de Miramont",
    "paragraphs": ["Je soussigné déclare avoir détruit toutes les copies du tableau repris ce jour."],
    "items": [{"label": "Lignes reprises", "value": "112"}, {"label": "Lignes écartées", "value": "7"}],
    "signatories": ["Coordination du CLSPD", "Délégué à la protection des données"],
}

WEEK_SHEET: papers.WeekSheetData = {
    "commune": "Régie des quais",
    "people": [
        {"name": "Léo Zzmartin", "limits": "port de charges",
         "rows": [{"day": "lundi 30 novembre 2026 matin", "planned": "08:30 à 12:00"}]},
        {"name": "Nora Zzduval", "limits": "", "rows": [{"day": "mardi 1er décembre 2026 matin", "planned": "08:30 à 12:00"}]},
    ],
    "notes": ["Trajets et repas ne comptent pas."],
}  # fmt: skip
HOURS_SHEET: papers.HoursSheetData = {
    "commune": "Régie des quais",
    "lead": ["Léo Zzmartin · TIG-2026-CDFH"],
    "rows": [
        {"day": "lundi 30 novembre 2026", "half": "matin", "hours": "08:30 à 12:00", "pause": "", "total": "3 h 30",
         "note": "présent"},
    ],
    "total": "3 h 30",
    "assigned": "21 h",
    "signatories": ["La personne"],
    "notes": [],
}  # fmt: skip

OPENINGS: papers.OpeningsData = {
    "commune": "Ville de Miramont",
    "lines": [
        {"rank": "412", "at": "lundi 7 décembre 2026 à 9 h 12", "service": "PJJ", "role": "Éducateur", "act": "Lecture",
         "purpose": "Suivi"},
    ],
    "proof": None,
}  # fmt: skip

SECURITY: papers.SecurityData = {
    "commune": "Ville de Miramont",
    "paragraphs": ["Chaque ligne dit une promesse, ce qui la tient, et le résultat du dernier essai."],
    "items": [{"label": "Essais réussis", "value": "52 sur 52"}],
    "promises": [
        {
            "text": "Rien ne s’ouvre sans trace.",
            "control": "Le déchiffreur refuse.",
            "tests": "T-09",
            "result": "réussi",
        }
    ],
    "not_promised": ["Une photographie de l’écran."],
    "tests": [{"label": "T-09", "value": "Rien ne se lit hors d’une consultation."}],
    "asvs": [{"text": "V3.4.3", "control": "Politique de contenu", "tests": "T-51", "result": "réussi"}],
}

REPARATION_REPORT: papers.ReparationReportData = {
    "commune": "PJJ – milieu ouvert",
    "lead": ["Dossier REP-2026-K7QF", "Projet : le rapport n’est pas encore remis"],
    "items": [{"label": "Le jeune", "value": "Y. B."}, {"label": "Cadre", "value": "alternative aux poursuites"}],
    "activity": ["Forme : au service de la collectivité.", "Lieu d’accueil : Régie des quais. Activité : jardin."],
    "sessions": [
        {
            "day": "08/12/2026",
            "hours": "08 h 30 – 12 h 00",
            "kind": "activité",
            "presence": "présent",
            "parents": "associés",
        }
    ],
    "attendance": ["Sur 1 séance : 1 « présent »."],
    "goals": [{"label": "mener l’activité jusqu’au bout", "value": "atteint"}],
    "difficulties": ["mardi 1er décembre 2026 : absences répétées"],
    "conclusion": ["Le jeune est venu et a compris."],
    "notes": [],
    "signatories": ["L’éducatrice : Sonia Haddad", "La direction du service"],
}

TABLES: papers.TablesData = {
    "commune": "Ville de Miramont",
    "lead": ["SPIP – antenne d’Aix", "Année 2026"],
    "paragraphs": ["Nombre de personnes dont la mesure s’est terminée dans ces années."],
    "tables": [
        {
            "heading": "Retours connus",
            "columns": ["Mesure", "Personnes", "Aucune connue"],
            "rows": [["Travail d’intérêt général", "24", "13"]],
            "note": "Source : feuille annuelle du service.",
        },
        {"heading": "Formation", "columns": ["Sujet", "Tuteurs"], "rows": [], "note": ""},
    ],
    "signatories": ["La direction du service"],
    "notes": [],
}

_PICTURE = charts.Bars(
    key="ends", title="Fins", bars=(charts.Bar(label="Menée à son terme", n=50), charts.Bar(label="Autre", n=None))
)
REPORT: papers.ReportData = {
    "commune": "Ville de Miramont", "lead": ["Conseil plénier du CLSPD"], "mention": "Nombres sans personne",
    "chapters": [
        {
            "heading": "La cellule de veille", "missing": ["Rien cette année-là."], "comment": ["Douze réunions."],
            "tables": [
                {
                    "heading": "Activité", "lead": "12 réunions.", "columns": ["Activité", "Nombre"],
                    "rows": [["Réunions tenues", "12"]], "note": "En nombre de réunions.",
                    "pictures": [{"svg": charts.drawn(_PICTURE), "alt": charts.told(_PICTURE)}],
                }
            ],
        }
    ],
    "notes": ["Arrondi à cinq."],
}  # fmt: skip

PROSE_REPORT: papers.ProseReportData = {
    "commune": "Association socio-judiciaire",
    "lead": ["Contrôle judiciaire socio-éducatif", "Projet : ce rapport n’est pas transmis"],
    "addressee": ["Procureur de la République", "Tribunal judiciaire"],
    "items": [{"label": "Personne sous mesure", "value": "M. D."}],
    "sections": [{"heading": "Situation", "paragraphs": ["La personne travaille.", "Elle loge chez un proche."]}],
    "addenda": [{"heading": "Addendum du 8 décembre 2026", "paragraphs": ["L’attestation est arrivée."]}],
    "notes": ["La personne est présumée innocente jusqu’au jugement."],
    "signatories": ["Pour l’association : Maud Girard"],
}

FAMILY_SHEET: papers.FamilySheetData = {
    "commune": "Collège des Platanes",
    "lead": ["Centre social des Tilleuls"],
    "paragraphs": ["Cet accueil est volontaire : vous pouvez dire non."],
    "items": [{"label": "Jours", "value": "lundi 7 décembre 2026 : 9 h 00 – 12 h 00"}],
    "readers": ["Le motif est un mot pris dans une liste."],
    "signatories": ["L’élève", "Les parents", "Pour l’établissement", "Pour la structure"],
    "notes": [],
}

ALL = {
    d.Template.FAMILY_SHEET: FAMILY_SHEET,
    d.Template.PROSE_REPORT: PROSE_REPORT,
    d.Template.REPORT: REPORT,
    d.Template.LETTER: LETTERS,
    d.Template.MINUTES: MINUTES,
    d.Template.AGENDA: AGENDA,
    d.Template.SHEET: SHEET,
    d.Template.ATTENDANCE: ATTENDANCE,
    d.Template.MAYOR_PAGE: MAYOR_PAGE,
    d.Template.STATEMENT: STATEMENT,
    d.Template.OPENINGS: OPENINGS,
    d.Template.WEEK_SHEET: WEEK_SHEET,
    d.Template.HOURS_SHEET: HOURS_SHEET,
    d.Template.SECURITY: SECURITY,
    d.Template.REPARATION_REPORT: REPARATION_REPORT,
    d.Template.TABLES: TABLES,
}
