"""Personal data of invented people as complaints write it: numbers in every notation, names, addresses down to the door."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from shared.identifiers import canonical_uscc
from shared.identity_numbers import check_character

Maker = Callable[[random.Random], str]

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SPOKEN = str.maketrans("0123456789", "零一二三四五六七八九")
_SPOKEN_ONE = str.maketrans("0123456789", "零幺二三四五六七八九")
_WIDE = {ord(sign): chr(ord(sign) + 0xFEE0) for sign in string.ascii_letters + string.digits + "@."}
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"


def digits(rng: random.Random, count: int) -> str:
    """Return so many digits."""
    return "".join(rng.choices(string.digits, k=count))


def split(number: str, sizes: Sequence[int], separator: str) -> str:
    """Return the number in groups of these sizes."""
    parts, start = [], 0
    for size in sizes:
        parts.append(number[start : start + size])
        start += size
    return separator.join(filter(None, (*parts, number[start:])))


def wide(text: str) -> str:
    """Return the text in full-width letters and digits."""
    return text.translate(_WIDE)


def plain_mobile(rng: random.Random) -> str:
    """Return a mobile number without separators."""
    return "1" + rng.choice("3456789") + digits(rng, 9)


def mobile(rng: random.Random) -> str:
    """Return a mobile number in one of the notations in use."""
    number = plain_mobile(rng)
    forms: Sequence[Callable[[], str]] = (
        lambda: number, lambda: number, lambda: number, lambda: split(number, (3, 4, 4), rng.choice(" -.·_/")), lambda: wide(number),
        lambda: "+86 " + number, lambda: "86-" + number, lambda: "0086" + number, lambda: "（+86）" + split(number, (3, 4), " "),
        lambda: split(number, (3, 3, 5), " "), lambda: split(number, (3, 4, 4), "—"), lambda: number.translate(_SPOKEN_ONE),
    )  # fmt: skip
    return rng.choice(forms)()


def landline(rng: random.Random) -> str:
    """Return a number of the fixed network with its area code."""
    area, number = rng.choice(("010", "021", "0571", "0755", "0874", "0451")), rng.choice("2345678") + digits(rng, 7)
    forms: Sequence[Callable[[], str]] = (
        lambda: f"{area}-{number}", lambda: f"({area}){number}", lambda: f"（{area}）{split(number, (4,), ' ')}", lambda: f"{area}—{number}",
        lambda: f"{area} {number}", lambda: f"+86 {area[1:]} {number}", lambda: f"{area}-{number}转{digits(rng, 3)}",
        lambda: f"{area}-{number}-{digits(rng, 4)}", lambda: f"{area}{number}",
    )  # fmt: skip
    return rng.choice(forms)()


def identity(rng: random.Random) -> str:
    """Return an identity number of the mainland, or a residence permit of Hong Kong, Macao or Taiwan."""
    birth = date(1945, 1, 1) + timedelta(days=rng.randrange(27_000))
    body = (
        rng.choice(("110101", "330113", "445224", "810000", "820000", "830000", "510107")) + f"{birth:%Y%m%d}" + digits(rng, 3)
    )
    number = body + check_character(body)
    forms: Sequence[Callable[[], str]] = (
        lambda: number, lambda: number, lambda: split(number, (6, 8, 4), rng.choice(" -")), lambda: wide(number), number.lower,
        lambda: split(number, (6, 4, 4, 4), " "), lambda: number[:6] + number[8:17],
    )  # fmt: skip
    return rng.choice(forms)()


def permit(rng: random.Random) -> str:
    """Return the number of a travel permit or of a foreigner's residence card."""
    return rng.choice((
        "H" + digits(rng, 10), "M" + digits(rng, 8), "C" + rng.choice("ABCDE") + digits(rng, 7), "USA" + digits(rng, 12), "T" + digits(rng, 8),
    ))  # fmt: skip


def passport(rng: random.Random) -> str:
    """Return the number of a passport."""
    return rng.choice(
        ("E" + digits(rng, 8), "E" + rng.choice("ABCDEFGH") + digits(rng, 7), "G" + digits(rng, 8), "PE" + digits(rng, 7))
    )


def card(rng: random.Random) -> str:
    """Return the number of a bank card."""
    number = "62" + digits(rng, rng.choice((14, 17)))
    return rng.choice((number, number, split(number, (4, 4, 4, 4), rng.choice(" -")), wide(number)))


def plate(rng: random.Random) -> str:
    """Return a vehicle's plate: usual, of an electric car, of a learner, with a dot or a space."""
    head = rng.choice(PROVINCES) + rng.choice(LETTERS)
    body = rng.choice((
        digits(rng, 5), rng.choice(LETTERS) + digits(rng, 4), digits(rng, 2) + rng.choice(LETTERS) + digits(rng, 2),
        rng.choice("DF") + digits(rng, 5), digits(rng, 5) + rng.choice("DF"), digits(rng, 4) + rng.choice("学警挂"),
    ))  # fmt: skip
    number = head + rng.choice(("", "", "·", " ", "-", ".", "•")) + body
    return rng.choice((number, number, number.lower(), wide(number)))


def mail(rng: random.Random) -> str:
    """Return an address of mail."""
    local = rng.choice(("li", "wang.", "u_", "zhao-")) + digits(rng, rng.choice((3, 6)))
    domain = rng.choice(("example.com", "mail.example.cn", "example.com.cn"))
    return rng.choice(
        (f"{local}@{domain}",) * 3
        + (wide(f"{local}@{domain}"), f"{local} @ {domain}", f"{local} at {domain}", f"{local}(at){domain}")
    )


def account(rng: random.Random) -> str:
    """Return the name of an account at a messenger."""
    head = rng.choice(("lin", "wxid_", "Zhang", "abc-", "xy_", "hello"))
    return head + "".join(rng.choices("abcdefgh0123456789_", k=rng.choice((5, 7, 9)))) + rng.choice("abc123")


def qq(rng: random.Random) -> str:
    """Return a number of QQ."""
    return rng.choice("123456789") + digits(rng, rng.choice((5, 8, 9)))


def order(rng: random.Random) -> str:
    """Return the number of an order."""
    return rng.choice((f"2026{rng.choice(('0312', '1001', '0728'))}{digits(rng, 10)}", f"DD{digits(rng, 12)}", "2" + digits(rng, 17), f"JD-{digits(rng, 10)}"))  # fmt: skip


def tracking(rng: random.Random) -> str:
    """Return the number of a parcel."""
    return rng.choice(
        (
            "SF" + digits(rng, 13),
            "YT" + digits(rng, 13),
            "JDVA" + digits(rng, 11),
            "7731" + digits(rng, 11),
            "EA" + digits(rng, 9) + "CN",
        )
    )


def uscc(rng: random.Random) -> str:
    """Return a unified social credit code with its check character."""
    body = "91" + rng.choice(("330102", "510107", "990102")) + digits(rng, 9)
    return next(code for check in string.digits + LETTERS if (code := canonical_uscc(body + check)))
