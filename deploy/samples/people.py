"""Invented consumers, with personal data that belongs to nobody.

Mobile numbers begin with 154 and 164, which are not assigned; identity numbers carry a region (9901…) that does not exist, with
right check characters; cards have a right Luhn digit under an unassigned issuer; mail goes to the reserved example domains.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from stdnum import luhn
from stdnum.cn import ric

from deploy.samples.chance import Chance
from deploy.samples.phrases import names
from shared.reference import districts

PEOPLE = 4_000
FULL_WIDTH = str.maketrans("0123456789X@.", "０１２３４５６７８９Ｘ＠．")


class Person(NamedTuple):
    """One invented consumer; `caller` is how a clerk writes of them, as 王女士."""

    name: str
    caller: str
    phone: str
    id_number: str
    address: str
    email: str
    card: str


@lru_cache(maxsize=4)
def population(seed: int) -> tuple[Person, ...]:
    """Return the consumers of `seed`."""
    chance = Chance(f"people {seed}")
    return tuple(_person(chance) for _ in range(PEOPLE))


def as_written(chance: Chance, number: str) -> str:
    """Return a phone, card or identity number the way people type it: plain, with spaces or hyphens, in full width."""
    match chance.between(0, 5):
        case 0:
            return f"{number[:3]} {number[3:7]} {number[7:]}"
        case 1:
            return f"{number[:3]}-{number[3:7]}-{number[7:]}"
        case 2:
            return number.translate(FULL_WIDTH)
        case _:
            return number


def _person(chance: Chance) -> Person:
    pool = names()
    surname = chance.pick(pool["surnames"])
    phone = f"{chance.pick(('154', '164'))}{chance.digits(8)}"
    card = f"62999{chance.digits(13)}"
    return Person(
        name=surname + chance.pick(pool["given"]),
        caller=surname + chance.pick(pool["titles"]),
        phone=phone,
        id_number=_id_number(chance),
        address=_address(chance),
        email=f"u{phone[3:]}@{chance.pick(('example.com', 'example.net', 'example.org'))}",
        card=card + str(luhn.calc_check_digit(card)),
    )


def _id_number(chance: Chance) -> str:
    birth = f"{chance.between(1950, 2005)}{chance.between(1, 12):02d}{chance.between(1, 28):02d}"
    start = f"{chance.pick(districts()).code}{birth}{chance.digits(3)}"
    # The library passes over the last character, where the check belongs.
    return start + str(ric.calc_check_digit(f"{start}0"))


def _address(chance: Chance) -> str:
    district, estate = chance.pick(districts()).zh, chance.pick(names()["estates"])
    return f"云州市{district}{estate}{chance.between(1, 28)}幢{chance.between(1, 4)}单元{chance.between(101, 2404)}室"
