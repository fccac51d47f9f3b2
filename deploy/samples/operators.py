"""Three hundred invented operators of an invented city, with codes whose check characters are right."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from stdnum.cn import uscc

from deploy.samples.phrases import Trade, names, trades
from deploy.samples.seeded_random import SeededRandom, weighted_table
from shared.reference import districts, regions

OPERATORS = 300
# Zipf with a shifted rank: the first operator has about one complaint in forty, the last one in two thousand.
ZIPF_EXPONENT = 1.05
ZIPF_SHIFT = 9
INDIVIDUAL_SHARE = 0.6
SITE_SHARE = 0.28
PLATFORM_SHARE = 0.14
ONLINE_INDUSTRIES = ("F5292", "F5234", "F5232", "F5226")
CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class Operator:
    """One invented operator. `weight` is its share of complaints, `solved` the share of mediations that succeed."""

    uscc: str
    name: str
    short: str
    trade: Trade
    region: str
    road: str
    address: str
    site: str | None
    platform: str | None
    aliases: tuple[str, ...]
    miscopied_uscc: str
    weight: float
    solved: float


@lru_cache(maxsize=4)
def operator_register(seed: int) -> tuple[Operator, ...]:
    """Return the operators of `seed`, those with most complaints first; codes and short names are unique."""
    rng = SeededRandom(f"operators {seed}")
    found = [_leader(rng, line, rank) for rank, line in enumerate(names()["leaders"])]
    used_names = {operator.short for operator in found}
    pool = weighted_table(tuple(trades().values()), [trade.weight for trade in trades().values()])
    areas = weighted_table(districts(), [region.residents or 0 for region in districts()])
    while len(found) < OPERATORS:
        operator = _operator(rng, rng.pick(pool), rng.pick(areas).code, len(found))
        if operator.short not in used_names:
            used_names.add(operator.short)
            found.append(operator)
    return tuple(found)


def credit_code(kind: str, region: str, serial: str) -> str:
    """Return a credit code (GB 32100-2015): `kind` 91 or 92, `region`, eight of `serial` and their check (GB 11714)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(letter, 36) * weight for letter, weight in zip(serial, weights, strict=True)) % 11
    start = f"{kind}{region}{serial}{'0123456789X0'[rest]}"
    return start + str(uscc.calc_check_digit(start))


def _leader(rng: SeededRandom, line: str, rank: int) -> Operator:
    brand, word, industry, region, solved = line.split("|")
    return _build(rng, trades()[industry], region, rank, (brand, word), float(solved))


def _operator(rng: SeededRandom, trade: Trade, region: str, rank: int) -> Operator:
    brand = rng.pick(names()["brands"])
    individual = bool(trade.shop_words) and rng.random() < INDIVIDUAL_SHARE
    words = trade.shop_words if individual else trade.company_words
    solved = 0.62 + 0.36 * rng.random()
    return _build(rng, trade, region, rank, (brand, rng.pick(words)), solved, individual=individual)


def _build(
    rng: SeededRandom,
    trade: Trade,
    region: str,
    rank: int,
    name_parts: tuple[str, str],
    solved: float,
    *,
    individual: bool = False,
) -> Operator:
    short = "".join(name_parts)
    district = regions()[region].zh
    name = f"{district}{short}" if individual else f"云州{short}{_form(rng, rank)}"
    serial = "MA9K" + "".join(rng.pick(CODE_LETTERS) for _ in range(4))
    code = credit_code("92" if individual else "91", region, serial)
    road = rng.pick(names()["roads"])
    site = _site(rng, region)
    online = trade.industry in ONLINE_INDUSTRIES or rng.random() < PLATFORM_SHARE
    return Operator(
        uscc=code,
        name=name,
        short=short,
        trade=trade,
        region=region,
        road=road,
        address=f"云州市{district}{road}{rng.randint(1, 399)}号{_room(rng, site)}",
        site=site,
        platform=rng.pick(names()["platforms"]) if online else None,
        aliases=_aliases(name, short, district),
        miscopied_uscc=_miscopy(code),
        weight=(rank + ZIPF_SHIFT) ** -ZIPF_EXPONENT,
        solved=solved,
    )


def _form(rng: SeededRandom, rank: int) -> str:
    """Return the form of company; the leading operators are plain limited companies, as on the pages of the demonstration."""
    return "有限公司" if rank < len(names()["leaders"]) else rng.pick(("有限公司",) * 8 + ("有限责任公司", "股份有限公司"))


def _site(rng: SeededRandom, region: str) -> str | None:
    inside = [mall for mall, _, where in (line.partition("|") for line in names()["malls"]) if where == region]
    return rng.pick(inside) if inside and rng.random() < SITE_SHARE else None


def _room(rng: SeededRandom, site: str | None) -> str:
    return f"{site}{rng.pick('ABCDE')}{rng.randint(1, 5)}{rng.digits(2)}" if site else ""


def _aliases(name: str, short: str, district: str) -> tuple[str, ...]:
    """Return what consumers call the operator instead of its registered name."""
    names_used = (short, f"{short}（{district}店）", name.replace("有限公司", "公司"), name.replace("云州", "云州市"))
    return tuple(alias for alias in names_used if alias != name)


def _miscopy(code: str) -> str:
    """Return the code with a wrong check character, as from a misread licence."""
    return code[:-1] + CODE_LETTERS[(CODE_LETTERS.index(code[-1]) + 7) % len(CODE_LETTERS)]
