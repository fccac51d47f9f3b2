"""The invented wording of the sample hotlines, as YAML: trades, categories, ways of speaking, parts of names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml


class Phrase(NamedTuple):
    """The same thing twice: short as in a title, and as a sentence."""

    short: str
    sentence: str


class Goods(NamedTuple):
    """Goods or a service with its measure word and its price range in yuan."""

    name: str
    unit: str
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Trade:
    """Wording of the complaints about one industry. `mix` are the shares of the categories, not normalised."""

    industry: str
    weight: int
    company_words: tuple[str, ...]
    shop_words: tuple[str, ...]
    scope: str
    verb: str
    goods: tuple[Goods, ...]
    mix: dict[str, int]
    faults: dict[str, tuple[Phrase, ...]]


@dataclass(frozen=True, slots=True)
class Topic:
    """What consumers say, operators answer and consumers ask for in one category."""

    faults: tuple[Phrase, ...]
    excuses: tuple[str, ...]
    demands: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Speech:
    """Sentences around the facts of a dispute; `openings` by channel."""

    openings: dict[str, tuple[str, ...]]
    deals: tuple[str, ...]
    online: tuple[str, ...]
    pays: tuple[str, ...]
    proofs: tuple[str, ...]
    leads: tuple[str, ...]
    bridges: tuple[str, ...]
    endings: tuple[str, ...]
    extras: tuple[str, ...]
    personal: tuple[str, ...]
    tip_offs: tuple[Phrase, ...]
    tip_off_endings: tuple[str, ...]


@lru_cache(maxsize=1)
def trades() -> dict[str, Trade]:
    """Return the trades by industry code."""
    return {code: _trade(code, entry) for name in ("retail", "services") for code, entry in _load(name).items()}


@lru_cache(maxsize=1)
def topics() -> dict[str, Topic]:
    """Return the wording of every category by its code."""
    return {
        code: Topic(_phrases(entry["faults"]), tuple(entry["excuses"]), _phrases(entry["demands"]))
        for code, entry in _load("categories").items()
    }


@lru_cache(maxsize=1)
def speech() -> Speech:
    """Return the sentences around the facts."""
    entry = _load("speech")
    openings = {channel: tuple(phrases) for channel, phrases in entry.pop("openings").items()}
    tip_offs = _phrases(entry.pop("tip_offs"))
    return Speech(openings=openings, tip_offs=tip_offs, **{name: tuple(phrases) for name, phrases in entry.items()})


@lru_cache(maxsize=1)
def names() -> dict[str, tuple[str, ...]]:
    """Return the parts of names by kind: `surnames`, `given`, `roads`, `malls`, `brands` and so on."""
    return {kind: tuple(parts) for kind, parts in _load("names").items()}


def _trade(code: str, entry: dict[str, Any]) -> Trade:
    goods = (text.split() for text in entry["goods"])
    return Trade(
        industry=code,
        weight=entry["weight"],
        company_words=tuple(entry["words"]),
        shop_words=tuple(entry.get("individual", ())),
        scope=entry["scope"],
        verb=entry["verb"],
        goods=tuple(Goods(name, unit, int(lowest), int(highest)) for name, unit, lowest, highest in goods),
        mix=entry["mix"],
        faults={category: _phrases(lines) for category, lines in entry["faults"].items()},
    )


def _phrases(lines: list[str]) -> tuple[Phrase, ...]:
    return tuple(Phrase(*line.split("|")) for line in lines)


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((files(__package__) / f"{name}.yaml").read_bytes())
    return loaded
