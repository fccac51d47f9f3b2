"""Whether two reports are of one dispute: what agrees and what does not, as words a clerk is shown, and the band that follows.

Only reports of different sources are ever linked by the program, and only where the same person or a cited number says so: a
likeness of texts alone makes a question. Reports of different persons are never linked, however alike: a collective complaint
is as many complaints.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from rapidfuzz import fuzz

from services.intake.domain.match_keys import MatchKeys
from services.intake.domain.operators import PROVISIONAL
from services.intake.domain.sketch import Likeness, likeness

# Days between two reports of one dispute: a mediation ends within 60 days (Order 121, Article 23), and who is not content
# turns to the next channel.
MAX_DAYS = 60
NEAR_DAYS = 15


class Band(StrEnum):
    """What the program does about two reports."""

    LINK = "link"
    ASK = "ask"
    SEPARATE = "separate"


class Agreement(StrEnum):
    """What two reports have in common, or say differently."""

    CITED = "cited"
    SAME_PHONE = "same_phone"
    SAME_IDENTITY = "same_identity"
    SAME_NAME = "same_name"
    OTHER_NAME = "other_name"
    OTHER_PERSON = "other_person"
    SAME_OPERATOR = "same_operator"
    LIKE_OPERATOR = "like_operator"
    OTHER_OPERATOR = "other_operator"
    SAME_AMOUNT = "same_amount"
    OTHER_AMOUNT = "other_amount"
    SAME_DAY = "same_day"
    OTHER_DAY = "other_day"
    SAME_GOODS = "same_goods"
    SAME_SOURCE = "same_source"
    LIKE_TEXT = "like_text"


class Traits(NamedTuple):
    """What a report is compared by. `amount` in hundredths of a yuan; `own_number`: the digest of its number at its source.

    `days` that its text names, as month * 100 + day.
    """

    complaint_id: UUID
    source_id: int
    operator_key: str
    operator_name: str
    received_on: date
    amount: int | None
    goods: str | None
    days: tuple[int, ...]
    own_number: int
    keys: MatchKeys
    sketch: int


class Judgement(NamedTuple):
    """A band, what it rests on, and how alike the texts are in hundredths."""

    band: Band
    agreements: tuple[Agreement, ...]
    likeness: int


_SEPARATE = Judgement(Band.SEPARATE, (), 0)
# Partial likeness of two names in hundredths, where one of them has no credit code.
LIKE_NAME = 84
# Likeness of texts from which they are called alike; from which reports of one person that agree in amount or day are linked,
# and those that agree in both; of a cited number.
ALIKE = 0.42
LINK_AGREEING, LINK_AGREEING_TWICE, LINK_CITED = 0.37, 0.08, 0.12
# From which a clerk is asked: about one person or one name, one telephone that calls again, and reports that name nobody.
ASK_PERSON, ASK_REPEATED, ASK_STRANGER = 0.12, 0.22, 0.28
# With one of these no program links.
DOUBTS = frozenset({
    Agreement.OTHER_PERSON, Agreement.OTHER_NAME, Agreement.OTHER_OPERATOR, Agreement.OTHER_AMOUNT, Agreement.OTHER_DAY,
    Agreement.SAME_SOURCE,
})  # fmt: skip


def judge(one: Traits, other: Traits) -> Judgement:
    """Return the band of two reports."""
    days = abs((one.received_on - other.received_on).days)
    if days > MAX_DAYS:
        return _SEPARATE
    person, is_cited = _person(one.keys, other.keys), _cites(one, other)
    if Agreement.OTHER_PERSON in person and not is_cited:
        return _SEPARATE
    found = {*person, _operator(one, other), *_facts(one, other)}
    if is_cited:
        found.add(Agreement.CITED)
    text = _text(likeness(one.sketch, other.sketch))
    if text >= ALIKE:
        found.add(Agreement.LIKE_TEXT)
    agreements = tuple(each for each in Agreement if each in found)
    return Judgement(_band(found, text, days), agreements, round(text * 100))


def _band(found: AbstractSet[Agreement], text: float, days: int) -> Band:
    if found & {Agreement.SAME_PHONE, Agreement.SAME_IDENTITY}:
        may_link, may_ask = _may_link_person(found, text), _may_ask_person(found, text)
    else:
        may_link, may_ask = False, _may_ask_stranger(found, text, days)
    if Agreement.CITED in found:
        may_link, may_ask = may_link or _may_link_cited(found, text), True
    if may_link and not found & DOUBTS:
        return Band.LINK
    return Band.ASK if may_link or may_ask else Band.SEPARATE


def _may_link_person(found: AbstractSet[Agreement], text: float) -> bool:
    """Return whether two reports of one person are of one dispute for certain."""
    if Agreement.SAME_OPERATOR not in found:
        return False
    return text >= (ALIKE, LINK_AGREEING, LINK_AGREEING_TWICE)[len(found & _DEAL)]


def _may_link_cited(found: AbstractSet[Agreement], text: float) -> bool:
    """Return whether a report is of the dispute whose number it cites: numbers that are typed may be of another."""
    return bool(found & {Agreement.SAME_NAME, Agreement.SAME_OPERATOR}) and text >= LINK_CITED


def _may_ask_person(found: AbstractSet[Agreement], text: float) -> bool:
    agrees = bool(found & _DEAL)
    if found & {Agreement.OTHER_NAME, Agreement.SAME_SOURCE}:
        # One telephone of many people, or somebody who calls again and again.
        return text >= (ASK_REPEATED if agrees else ALIKE)
    if Agreement.OTHER_OPERATOR in found:
        return text >= (ASK_PERSON if agrees else ALIKE)
    return agrees or Agreement.SAME_GOODS in found or text >= ASK_PERSON


def _may_ask_stranger(found: AbstractSet[Agreement], text: float, days: int) -> bool:
    """Return whether reports that name no common number may be of one dispute: one has none, or the caller used another."""
    if found & {Agreement.OTHER_OPERATOR, Agreement.OTHER_NAME, Agreement.SAME_SOURCE}:
        return Agreement.SAME_NAME in found and Agreement.SAME_SOURCE not in found and text >= ALIKE
    if Agreement.SAME_NAME in found:
        return bool(found & _DEAL) or text >= (ALIKE if Agreement.OTHER_AMOUNT in found else ASK_PERSON)
    if found & {Agreement.OTHER_AMOUNT, Agreement.OTHER_DAY} or days > NEAR_DAYS:
        return False
    return text >= (ASK_STRANGER if found & _DEAL else ALIKE)


def _text(alike: Likeness | None) -> float:
    return (alike.jaccard + alike.contained) / 2 if alike else 0.0


def _person(one: MatchKeys, other: MatchKeys) -> list[Agreement]:
    """Return what the numbers and names of two complainants say; names alone prove nobody."""
    found = []
    if set(filter(None, one.phones)) & set(filter(None, other.phones)):
        found.append(Agreement.SAME_PHONE)
    both_identified = one.identity and other.identity
    if both_identified and one.identity == other.identity:
        found.append(Agreement.SAME_IDENTITY)
    if one.name and one.name == other.name:
        found.append(Agreement.SAME_NAME)
    elif one.name and other.name:
        found.append(Agreement.OTHER_NAME)
    if (both_identified and one.identity != other.identity) or (
        any(one.phones) and any(other.phones) and not set(found) & _SAME
    ):
        found.append(Agreement.OTHER_PERSON)
    return found


# What the deal itself says.
_DEAL = {Agreement.SAME_AMOUNT, Agreement.SAME_DAY}
_SAME = {Agreement.SAME_PHONE, Agreement.SAME_IDENTITY, Agreement.SAME_NAME}


def _operator(one: Traits, other: Traits) -> Agreement:
    if one.operator_key == other.operator_key:
        return Agreement.SAME_OPERATOR
    both_known = not one.operator_key.startswith(PROVISIONAL) and not other.operator_key.startswith(PROVISIONAL)
    if both_known:
        return Agreement.OTHER_OPERATOR
    alike = fuzz.partial_ratio(one.operator_name, other.operator_name)
    return Agreement.LIKE_OPERATOR if alike >= LIKE_NAME else Agreement.OTHER_OPERATOR


def _facts(one: Traits, other: Traits) -> list[Agreement]:
    found = []
    if one.amount is not None and other.amount is not None:
        found.append(Agreement.SAME_AMOUNT if one.amount == other.amount else Agreement.OTHER_AMOUNT)
    if one.days and other.days:
        found.append(Agreement.SAME_DAY if set(one.days) & set(other.days) else Agreement.OTHER_DAY)
    if one.goods and one.goods == other.goods:
        found.append(Agreement.SAME_GOODS)
    if one.source_id == other.source_id:
        found.append(Agreement.SAME_SOURCE)
    return found


def _cites(one: Traits, other: Traits) -> bool:
    """Return whether one text cites the other's number at its source, or both cite the same number."""
    cited, also_cited = set(filter(None, one.keys.cited)), set(filter(None, other.keys.cited))
    return bool(cited & also_cited) or other.own_number in cited or one.own_number in also_cited
