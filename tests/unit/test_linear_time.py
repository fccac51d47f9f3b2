"""No pattern and no function over text takes more than linear time, whatever a stranger sends.

Each runs on texts of repeated short parts, of one length and of four times that length; processor time may grow by a bit more
than four. Short times say nothing and are not compared.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from itertools import chain
from types import ModuleType

import pytest

import deploy
import services
import shared
from services.intake.domain.json_array import NotAnArray, TooManyItems, split_array
from services.intake.domain.unicode_repair import repair_unicode
from shared.names import fold_name
from shared.personal_data.normalization import normalize
from shared.personal_data.patterns import pattern_spans
from shared.text import drop_forbidden, replace_forbidden, to_line

LENGTH, FACTOR = 1_000, 4
# Linear is 4, quadratic 16.
MOST_GROWTH = 9.0
# Below this a time is noise.
LEAST_S = 0.003
PARTS = (
    "1", "1 ", "13", "1.1.", "零", "a", "a.", "a@", " ", "\n", "-", "，", "一", "张", "号卡", "(", '"', '"\\', "<a ", "[", ",", "ﷺ", "\u200b", "¥ ",
)  # fmt: skip
# Not of strangers' texts, and short.
EXEMPT = {"shared.charts.drawing._LONG_NUMBER": "numbers in drawings of our own"}
SEARCHES = r"\b{}\.(?:search|finditer|findall|subn?|split)\b"
ENDS = ("x",)


def modules() -> Iterator[ModuleType]:
    for package in (shared, services, deploy):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not found.name.endswith(("__main__", "quix_peer")):
                yield importlib.import_module(found.name)


def runs() -> dict[str, Callable[[str], object]]:
    """Return how every compiled pattern of our modules is used, those in tuples and dictionaries too, by its module and name."""
    found: dict[str, Callable[[str], object]] = {}
    for module in modules():
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            own = [each for each in flatten(value) if isinstance(each, re.Pattern)]
            key = f"{module.__name__}.{name}"
            if own and re.search(rf"^{name}\b", source, re.MULTILINE) and key not in EXEMPT:
                is_searched = len(own) > 1 or own[0] is not value or re.search(SEARCHES.format(name), source)
                found |= {f"{key}.{number}": (finder if is_searched else matcher)(each) for number, each in enumerate(own)}
    return found


def flatten(value: object, depth: int = 3) -> Iterator[object]:
    if depth and isinstance(value, (tuple, list, frozenset)):
        yield from chain.from_iterable(flatten(each, depth - 1) for each in value)
    elif depth and isinstance(value, dict):
        yield from flatten(list(value.values()), depth - 1)
    else:
        yield value


def processor_time(run: Callable[[str], object], text: str) -> float:
    begun = time.process_time()
    run(text)
    return time.process_time() - begun


def growth(run: Callable[[str], object], part: str, end: str) -> float:
    """Return by how much the time grows with a text of `FACTOR` times the length, 0 where it is too short to tell."""
    longer = (part * (FACTOR * LENGTH))[: FACTOR * LENGTH] + end
    if processor_time(run, longer) < LEAST_S:
        return 0.0
    shorter = (part * LENGTH)[:LENGTH] + end
    # The best of several: others use the machine too.
    best = [min(processor_time(run, text) for _ in range(3)) for text in (shorter, longer)]
    return best[1] / max(best[0], 1e-6)


def slowest(run: Callable[[str], object]) -> list[tuple[str, str, float]]:
    """Return the parts and ends on which the time grows too fast."""
    grown = ((part, end, growth(run, part, end)) for part in PARTS for end in ENDS)
    return [each for each in grown if each[2] > MOST_GROWTH]


def finder(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Callable[[str], object]:
    if isinstance(pattern.pattern, bytes):
        return lambda text: sum(1 for _ in pattern.finditer(text.encode()))  # type: ignore[arg-type]
    return lambda text: sum(1 for _ in pattern.finditer(text))  # type: ignore[arg-type]


def matcher(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Callable[[str], object]:
    if isinstance(pattern.pattern, bytes):
        return lambda text: pattern.match(text.encode())  # type: ignore[arg-type]
    return pattern.match  # type: ignore[return-value]


def split(text: str) -> None:
    for beginning in (b"[", b"[" + text.encode()[:1]):
        try:
            split_array(beginning + text.encode(), 5_000)
        except (NotAnArray, TooManyItems):
            continue


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "normalize": normalize,
    "pattern_spans": lambda text: list(pattern_spans(normalize(text).text, 2026)),
    "fold_name": fold_name,
    "drop_forbidden": drop_forbidden,
    "replace_forbidden": replace_forbidden,
    "to_line": to_line,
    "repair_unicode": lambda text: repair_unicode(b'{"a":"' + text.encode() + b'"}'),
    "split_array": split,
}


def test_every_pattern_is_linear() -> None:
    found = runs()
    slow = {name: worst for name, run in found.items() if (worst := slowest(run))}

    assert len(found) > 100
    assert slow == {}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_over_text_is_linear(name: str) -> None:
    assert slowest(FUNCTIONS[name]) == []


def test_a_quadratic_pattern_is_found() -> None:
    assert slowest(finder(re.compile(r"(?:1|0)+2"))) != []
