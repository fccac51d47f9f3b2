"""Invented consumers, with personal data that belongs to nobody.

Mobile numbers begin with 154 and 164, which are not assigned; identity numbers carry a region (9901…) that does not exist, with
right check characters; cards have a right Luhn digit under an unassigned issuer; mail goes to the reserved example domains.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from stdnum import luhn
from stdnum.cn import ric

from deploy.samples.phrases import names
from deploy.samples.seeded_random import SeededRandom
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
    rng = SeededRandom(f"people {seed}")
    return tuple(_person(rng) for _ in range(PEOPLE))


def format_number(rng: SeededRandom, number: str) -> str:
    """Return a phone, card or identity number as people type it: plain, with spaces or hyphens, in full width."""
    match rng.randint(0, 5):
        case 0:
            return f"{number[:3]} {number[3:7]} {number[7:]}"
        case 1:
            return f"{number[:3]}-{number[3:7]}-{number[7:]}"
        case 2:
            return number.translate(FULL_WIDTH)
        case _:
            return number


def _person(rng: SeededRandom) -> Person:
    pool = names()
    surname = rng.pick(pool["surnames"])
    phone = f"{rng.pick(('154', '164'))}{rng.digits(8)}"
    card = f"62999{rng.digits(13)}"
    return Person(
        name=surname + rng.pick(pool["given"]),
        caller=surname + rng.pick(pool["titles"]),
        phone=phone,
        id_number=_id_number(rng),
        address=_address(rng),
        email=f"u{phone[3:]}@{rng.pick(('example.com', 'example.net', 'example.org'))}",
        card=card + str(luhn.calc_check_digit(card)),
    )


def _id_number(rng: SeededRandom) -> str:
    birth = f"{rng.randint(1950, 2005)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    start = f"{rng.pick(districts()).code}{birth}{rng.digits(3)}"
    # The library passes over the last character, where the check belongs.
    return start + str(ric.calc_check_digit(f"{start}0"))


def _address(rng: SeededRandom) -> str:
    district, estate = rng.pick(districts()).zh, rng.pick(names()["estates"])
    return f"云州市{district}{estate}{rng.randint(1, 28)}幢{rng.randint(1, 4)}单元{rng.randint(101, 2404)}室"
