"""Finding a person by name in memory, and telling whether two rows are one person (security.md §3.7).

Sealed names cannot be searched by SQL, and a blind index would prove who is on file: the names
that the viewer may see are opened, then matched here. Pure: no database, no clock, and nothing is
kept between two calls (a cache would hold names beyond the read gate).

How a query is compared with a name. Both are folded (accents, ligatures, other alphabets) and cut
into tokens. A name has several *views*: its tokens; surname or first names written as one word
("Petit-Jean", "Petitjean"); the same without particles. The query too. A query matches a view when
each of its tokens meets a token of its own in the view; the worst meeting gives the class.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from itertools import combinations

from anyascii import anyascii
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract_iter

CAP = 20
"""At most so many results, and no count of the rest."""

MIN_LETTERS = 2
MAX_TOKENS = 8
"""More words than that is no name; the rest of the query is left out."""

PARTICLES = frozenset(
    ("de", "du", "des", "d", "da", "do", "dos", "la", "le", "les", "el", "al", "ben", "bent", "bin", "abd")
)


class MatchClass(IntEnum):
    """How a query met a name, best first."""

    EQUAL = 0
    WITHOUT_PARTICLES = 1
    SUBSET = 2
    PREFIX = 3
    TYPO = 4
    SOUND = 5


class BirthMatch(IntEnum):
    """How two birth dates agree, best first. UNKNOWN: at least one is missing, or only its year is known."""

    EQUAL = 0
    NEAR = 1
    UNKNOWN = 2
    DIFFERENT = 3


class Likeness(StrEnum):
    """Whether two rows are one person. NONE is false."""

    NONE = ""
    POSSIBLE = "possible"
    SAME = "same"


@dataclass(frozen=True)
class Candidate:
    """A name to search among. `year_only`: the birth date is an estimated year, given as 1 January."""

    id: Hashable
    surname: str
    first_name: str
    birth: date | None = None
    year_only: bool = False


@dataclass(frozen=True)
class Found:
    """One result: which candidate, and how it was met."""

    id: Hashable
    match: MatchClass
    distance: int
    birth: BirthMatch


# Folding


def normalise(name: str) -> str:
    """Return `name` in bare lower case: no accent, ligature, hyphen nor apostrophe; one space between words.

    Other alphabets are written in Latin letters. "st" and "ste" become "saint" and "sainte".
    """
    return " ".join(_tokens([name])[0])


def _tokens(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the tokens of each name, folding all of them in one pass (a pass per name is ten times slower)."""
    if not names:
        return []
    text = "\n".join(names)
    if text.count("\n") != len(names) - 1:
        text = "\n".join(name.replace("\n", " ") for name in names)
    folded = {ord(sign): anyascii(sign).replace("\n", " ") for sign in set(text) if sign > "\x7f"}
    text = re.sub(r"[^a-z0-9\n]+", " ", text.translate(folded).lower())
    # A saint's name alone: "st" within the line, never the end of a longer word.
    text = re.sub(r"\bst\b", "saint", re.sub(r"\bste\b", "sainte", text))
    return [tuple(line.split()) for line in text.split("\n")]


def _bare(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tokens without particles; all of them if nothing would be left."""
    if PARTICLES.isdisjoint(tokens):
        return tokens
    return tuple(token for token in tokens if token not in PARTICLES) or tokens


# Sound. Tokens stand between blanks, so that a blank in a rule means the start or the end of a word.
# Capitals are sounds of our own: X for ch, G for the hard g, E for an e that is not heard but
# protects the consonant before it. Vowels are brought to three: a (a, e, ai, ei, eu), i (i, y),
# o (o, u, ou, au, eau): names from Arabic are written with any of them ("Mohamed", "Muhammad").
_SOUND: tuple[tuple[str, str], ...] = (
    # groups of consonants
    ("sch", "X"), ("tch", "X"), ("ck", "k"), ("chr", "kr"), ("chl", "kl"), ("sh", "X"), ("ch", "X"),
    ("ph", "f"), ("kh", "k"), ("gh", "G"), ("dh", "d"), ("th", "t"), ("dj", "j"), ("dg", "j"), ("gn", "n"),
    ("bv", "v"), ("qu", "k"), ("q", "k"), ("aux ", "au "), ("eux ", "eu "), ("oux ", "ou "), ("x", "ks"), ("mb", "nb"), ("mp", "np"), ("dt", "t"), ("lt ", "t "),
    # g and c before a soft vowel, then the rest
    ("gea", "ja"), ("geo", "jo"), ("gue", "Ge"), ("gui", "Gi"), ("guy", "Gi"), ("ge", "je"), ("gi", "ji"),
    ("gy", "ji"), ("g", "G"), ("sce", "se"), ("sci", "si"), ("ce", "se"), ("ci", "si"), ("cy", "si"),
    ("c", "k"), ("z", "s"), ("h", ""),
    # doubled letters
    ("bb", "b"), ("dd", "d"), ("ff", "f"), ("GG", "G"), ("jj", "j"), ("kk", "k"), ("ll", "l"), ("mm", "m"),
    ("nn", "n"), ("pp", "p"), ("rr", "r"), ("ss", "s"), ("tt", "t"), ("vv", "v"), ("XX", "X"),
    # ou before a vowel, at the start of a word
    (" oua", " wa"), (" oui", " wi"), (" oue", " we"),
    # endings that are not heard
    ("es ", "E "), ("e ", "E "),
    ("st ", "t "), ("ts ", " "), ("ds ", " "), ("s ", " "), ("t ", " "), ("d ", " "), ("E ", " "),
    # vowels
    ("eau", "o"), ("oeu", "a"), ("oe", "a"), ("ae", "a"), ("au", "o"), ("ou", "o"), ("oo", "o"), ("ee", "i"),
    ("ie", "i"), ("ai", "a"), ("ay", "a"), ("ei", "a"), ("ey", "a"), ("eu", "a"), ("e", "a"), ("u", "o"),
    ("y", "i"), ("aa", "a"), ("ii", "i"), ("oo", "o"),
)  # fmt: skip


def _sounds(tokens: Iterable[str]) -> dict[str, str]:
    """Return the sound of each token, in one pass over all; a token left with one sound keeps its letters."""
    listed = [token for token in tokens if token]
    if not listed:
        return {}
    text = "\n".join(f" {token} " for token in listed)
    for written, heard in _SOUND:
        text = text.replace(written, heard)
    sounds = (part.strip() for part in text.split("\n"))
    return {token: sound if len(sound) > 1 else token for token, sound in zip(listed, sounds, strict=True)}


def phonetic(name: str) -> str:
    """Return how `name` sounds to a French ear: "Benoît" and "Benoist", "Mohamed" and "Mohammad" agree."""
    tokens = _tokens([name])[0]
    sounds = _sounds(set(tokens))
    return " ".join(sounds[token] for token in tokens)


# Views


@dataclass(frozen=True, slots=True)
class _Name:
    """Tokens of the surname and of the first names."""

    surname: tuple[str, ...]
    first: tuple[str, ...]

    def spellings(self) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], bool]]:
        """Yield surname, first names and whether particles were dropped."""
        yield self.surname, self.first, False
        bare = _bare(self.surname), _bare(self.first)
        if bare != (self.surname, self.first):
            yield *bare, True

    def views(self, *, whole: bool) -> Iterator[tuple[tuple[str, ...], bool]]:
        """Yield every way to cut the name in tokens, and whether particles were dropped.

        `whole`: also as one single word ("belkacemyanis"), which only a query of one word can mean.
        """
        for surname, first, dropped in self.spellings():
            one, other = "".join(surname), "".join(first)
            ways = {surname + first, (one, *first), (*surname, other), (one, other)}
            if whole:
                ways |= {(one + other,), (other + one,)}
            for way in ways:
                yield tuple(token for token in way if token), dropped

    def all_tokens(self, *, whole: bool) -> set[str]:
        """Return the tokens of all views."""
        tokens: set[str] = set()
        for surname, first, _ in self.spellings():
            one, other = "".join(surname), "".join(first)
            tokens.update(surname, first, (one, other))
            if whole:
                tokens.update((one + other, other + one))
        tokens.discard("")
        return tokens


def _query_views(tokens: tuple[str, ...]) -> dict[tuple[str, ...], bool]:
    """Return every way to cut the query, and whether particles were dropped.

    Up to four neighbours may be one word ("de la cruz" for "Delacruz"), one such group at a time.
    """
    views: dict[tuple[str, ...], bool] = {}
    for words, dropped in ((tokens, False), (_bare(tokens), True)):
        views.setdefault(words, dropped)
        for start, end in combinations(range(len(words) + 1), 2):
            if 2 <= end - start <= 4:
                views.setdefault((*words[:start], "".join(words[start:end]), *words[end:]), dropped)
    return views


# Meeting of two tokens: (level, distance), the lower the better.
_Meeting = tuple[int, int]
_LEVEL_EQUAL, _LEVEL_PREFIX, _LEVEL_TYPO, _LEVEL_SOUND = range(4)


def _allowance(token: str) -> int:
    """Return how many slips of the keyboard are forgiven in a query token."""
    if len(token) <= 2:
        return 0
    return 1 if len(token) <= 5 else 2


def _near_in_length(token: str, word: str) -> bool:
    """Return whether two words are near enough in length to be heard as one."""
    return len(token) > 2 and abs(len(token) - len(word)) <= 3


def _meetings(token: str, vocabulary: Sequence[str]) -> dict[str, _Meeting]:
    """Return, for each word that `token` meets, how."""
    met: dict[str, _Meeting] = {}
    sounds = _sounds([token, *(word for word in vocabulary if _near_in_length(token, word))])
    heard = sounds.pop(token)
    met = {word: (_LEVEL_SOUND, 0) for word, sound in sounds.items() if sound == heard}
    allowance = _allowance(token)
    if allowance:
        near = extract_iter(token, vocabulary, scorer=OSA.distance, score_cutoff=allowance)
        met.update((word, (_LEVEL_TYPO, int(distance))) for word, distance, _ in near)
    met.update((word, (_LEVEL_PREFIX, 0)) for word in vocabulary if word.startswith(token))
    # `in` on the words met: a word equal to the token is also its prefix.
    if token in met:
        met[token] = (_LEVEL_EQUAL, 0)
    return met


def _assign(
    query: Sequence[str], view: Sequence[str], meetings: Mapping[str, Mapping[str, _Meeting]]
) -> _Meeting | None:
    """Return the best worst level, then distance, of giving each query token a word of its own in the view."""
    if not query:
        return (_LEVEL_EQUAL, 0)
    best: _Meeting | None = None
    met = meetings[query[0]]
    for place, word in enumerate(view):
        here = met.get(word)
        if here is None:
            continue
        rest = _assign(query[1:], [*view[:place], *view[place + 1 :]], meetings)
        if rest is not None:
            whole = (max(here[0], rest[0]), here[1] + rest[1])
            best = whole if best is None else min(best, whole)
    return best


_CLASSES = {
    _LEVEL_PREFIX: MatchClass.PREFIX,
    _LEVEL_TYPO: MatchClass.TYPO,
    _LEVEL_SOUND: MatchClass.SOUND,
}


def _rank(
    queries: Mapping[tuple[str, ...], bool],
    name: _Name,
    meetings: Mapping[str, Mapping[str, _Meeting]],
    *,
    whole: bool,
) -> tuple[MatchClass, int] | None:
    """Return the best class and distance over all ways to cut the query and the name, or None."""
    best: tuple[MatchClass, int] | None = None
    for view, view_dropped in name.views(whole=whole):
        for query, query_dropped in queries.items():
            if len(query) > len(view):
                continue
            met = _assign(query, view, meetings)
            if met is None:
                continue
            complete = MatchClass.EQUAL if len(query) == len(view) else MatchClass.SUBSET
            found = _CLASSES.get(met[0], complete)
            if view_dropped or query_dropped:
                found = max(found, MatchClass.WITHOUT_PARTICLES)
            best = min(best, (found, met[1])) if best else (found, met[1])
    return best


# Birth dates


def birth_match(one: Candidate, other: Candidate) -> BirthMatch:
    """Return how two birth dates agree.

    NEAR: day and month swapped, one digit different, or a year known only, at most one year away.
    """
    if one.birth is None or other.birth is None:
        return BirthMatch.UNKNOWN
    if one.year_only or other.year_only:
        return BirthMatch.NEAR if abs(one.birth.year - other.birth.year) <= 1 else BirthMatch.DIFFERENT
    if one.birth == other.birth:
        return BirthMatch.EQUAL
    if (one.birth.year, one.birth.month, one.birth.day) == (other.birth.year, other.birth.day, other.birth.month):
        return BirthMatch.NEAR
    digits = zip(one.birth.isoformat(), other.birth.isoformat(), strict=True)
    return BirthMatch.NEAR if sum(a != b for a, b in digits) == 1 else BirthMatch.DIFFERENT


# Search


def find(query: str, candidates: Iterable[Candidate], *, birth: date | None = None, cap: int = CAP) -> list[Found]:
    """Return at most `cap` candidates met by `query`, best first: class, birth date, distance, then name.

    Accents, hyphens, particles, order of names, one or two slips of the keyboard and French spelling
    are forgiven. With `birth`, those whose date clearly differs are left out; with `birth` and no
    name, those of that date (or nearly) are returned. Under two letters and no date: nothing.
    """
    everybody = list(candidates)
    tokens = _tokens([query])[0][:MAX_TOKENS]
    asked = Candidate(None, "", "", birth)
    births = [birth_match(asked, one) if birth else BirthMatch.UNKNOWN for one in everybody]
    if sum(map(len, tokens)) < MIN_LETTERS:
        by_birth = [
            (MatchClass.SUBSET, agreed, 0, one.surname, one.first_name, place)
            for place, (one, agreed) in enumerate(zip(everybody, births, strict=True))
            if agreed < BirthMatch.UNKNOWN
        ]
        ranked = heapq.nsmallest(cap, by_birth)
    else:
        ranked = heapq.nsmallest(cap, _ranked(tokens, everybody, births))
    return [Found(everybody[place].id, found, distance, agreed) for found, agreed, distance, _, _, place in ranked]


def _names(candidates: Sequence[Candidate]) -> list[_Name]:
    surnames = _tokens([one.surname for one in candidates])
    firsts = _tokens([one.first_name for one in candidates])
    return [_Name(surname, first) for surname, first in zip(surnames, firsts, strict=True)]


def _ranked(
    tokens: tuple[str, ...], everybody: Sequence[Candidate], births: Sequence[BirthMatch]
) -> Iterator[tuple[MatchClass, BirthMatch, int, str, str, int]]:
    """Yield the candidates met, as keys to sort by."""
    whole = len(tokens) == 1
    queries = _query_views(tokens)
    wanted = {token for query in queries for token in query}
    places = [place for place, agreed in enumerate(births) if agreed is not BirthMatch.DIFFERENT]
    names = _names([everybody[place] for place in places])
    theirs = [name.all_tokens(whole=whole) for name in names]
    vocabulary = list(set().union(*theirs))
    meetings = {token: _meetings(token, vocabulary) for token in wanted}
    # Cheap sieve: some way to cut the query must meet a word of the name with each of its tokens.
    sieves = [[frozenset(meetings[token]) for token in query] for query in queries]
    sieves = [sieve for sieve in sieves if all(sieve)]
    for place, name, words in zip(places, names, theirs, strict=True):
        if all(any(map(words.isdisjoint, sieve)) for sieve in sieves):
            continue
        met = _rank(queries, name, meetings, whole=whole)
        if met is not None:
            yield met[0], births[place], met[1], " ".join(name.surname), " ".join(name.first), place


# One person or two?


@dataclass(frozen=True, slots=True)
class _Row:
    """What the comparison of two rows needs, worked out once per row."""

    candidate: Candidate
    name: _Name
    spellings: frozenset[tuple[str, ...]]
    heard: tuple[str, ...]
    token_sounds: frozenset[str]
    sounds: Mapping[str, str]


def _rows(candidates: Sequence[Candidate]) -> list[_Row]:
    names = _names(candidates)
    joined = [("".join(_bare(name.surname)), "".join(_bare(name.first))) for name in names]
    words = {word for pair in joined for word in pair if word}
    words.update(token for name in names for token in name.all_tokens(whole=False))
    sounds = _sounds(words) | {"": ""}
    return [
        _Row(
            candidate,
            name,
            # Sorted: surname and first name are often swapped; the last one also forgives a wrong cut.
            frozenset(
                (
                    tuple(sorted(("".join(name.surname), "".join(name.first)))),
                    tuple(sorted(pair)),
                    tuple(sorted(name.surname + name.first)),
                )
            ),
            tuple(sorted(sounds[part] for part in pair)),
            frozenset(sounds[token] for token in _bare(name.surname) + _bare(name.first)),
            sounds,
        )
        for candidate, name, pair in zip(candidates, names, joined, strict=True)
    ]


def _likeness(one: _Row, other: _Row) -> Likeness:
    if not (one.name.surname or one.name.first) or not (other.name.surname or other.name.first):
        return Likeness.NONE
    birth = birth_match(one.candidate, other.candidate)
    if birth is BirthMatch.DIFFERENT:
        return Likeness.NONE
    if not one.spellings.isdisjoint(other.spellings):
        return Likeness.SAME if birth is BirthMatch.EQUAL else Likeness.POSSIBLE
    if birth is not BirthMatch.UNKNOWN and one.heard == other.heard:
        return Likeness.POSSIBLE
    if birth is BirthMatch.EQUAL and not one.token_sounds.isdisjoint(other.token_sounds):
        return Likeness.POSSIBLE if _close(one, other) or _close(other, one) else Likeness.NONE
    return Likeness.NONE


def _close(one: _Row, other: _Row) -> bool:
    """Return whether each token of `one` is, but for a slip or a sound, a token of `other`; two tokens at least."""
    tokens = _bare(one.name.surname) + _bare(one.name.first)
    if len(tokens) < 2:
        return False
    words = other.name.all_tokens(whole=False)
    meetings = {
        token: {word: met for word in words if (met := _meeting(token, word, one.sounds, other.sounds))}
        for token in tokens
    }
    return all(meetings.values()) and _rank({tokens: True}, other.name, meetings, whole=False) is not None


def _meeting(token: str, word: str, sounds: Mapping[str, str], others: Mapping[str, str]) -> _Meeting | None:
    """Return how two tokens meet, as `_meetings` says but for prefixes, which prove nothing here."""
    if token == word:
        return (_LEVEL_EQUAL, 0)
    allowance = _allowance(token)
    distance = OSA.distance(token, word, score_cutoff=allowance)
    if allowance and distance <= allowance:
        return (_LEVEL_TYPO, distance)
    if _near_in_length(token, word) and sounds[token] == others[word]:
        return (_LEVEL_SOUND, 0)
    return None


def same_person(one: Candidate, other: Candidate) -> Likeness:
    """Return whether two rows are one person (false when they are not). The order of the two does not count.

    SAME: same name but for accents, case, hyphens, particles, order and cutting, and same birth date.
    POSSIBLE: the birth date is near or unknown; or it is the same and the name sounds alike, lacks a
    part, or has a slip of the keyboard (twins land here: a human decides).
    """
    return _likeness(*_rows([one, other]))


_BLOCK = 200
"""More rows than that under one key say nothing (a birth date typed by default): they are not compared."""


def duplicates(candidates: Sequence[Candidate]) -> list[tuple[int, int, Likeness]]:
    """Return the pairs of places (i < j) that are, or may be, one person, as `same_person` says.

    Rows are compared only if they share a spelling, a sound, or a birth date and the sound of a token,
    which every likeness needs.
    """
    rows = _rows(candidates)
    blocks: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        for spelling in row.spellings:
            blocks["spelling", spelling].append(place)
        blocks["heard", row.heard].append(place)
        for sound in row.token_sounds:
            blocks[row.candidate.birth, sound].append(place)
    pairs = {pair for block in blocks.values() if len(block) <= _BLOCK for pair in combinations(block, 2)}
    likely = ((i, j, _likeness(rows[i], rows[j])) for i, j in sorted(pairs))
    return [(i, j, likeness) for i, j, likeness in likely if likeness]
