"""Which cells of public tables are not shown: small counts, and as many others as keep anybody from deriving them.

A cell is a subject in a month; siblings add up to their parent and months to longer periods. A count under the threshold is
hidden, and beside it the smallest siblings that suffice, so that a shown total takes nothing from any of them. Other cells are
hidden within their own month only, and a longer period is hidden with any of its months: every equation that ties hidden cells
is then one of a month, and successive periods give none further.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

ROOT = ""
"""The whole, which is shown always."""

ParentOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Count:
    """The complaints of a cell: as of the close of its month, now, and the fewest but none that were ever said."""

    at_close: int
    now: int
    smallest: int = 0

    def is_small(self, least: int) -> bool:
        """Return whether it is or was small: what was hidden once could be derived from what is shown later."""
        return any(0 < each < least for each in (self.at_close, self.smallest, self.now))


def hidden_subjects(counts: Mapping[str, Count], parent_of: ParentOf, least: int) -> frozenset[str]:
    """Return the subjects of a month that are not shown; `counts` has every subject of the tree but the whole.

    What was hidden at the close stays hidden, whatever is restated.
    """
    at_close = {subject: count.at_close for subject, count in counts.items()}
    small_then = {subject for subject, count in at_close.items() if 0 < count < least}
    hidden = _protect(at_close, parent_of, least, small_then)
    small = {subject for subject, count in counts.items() if count.is_small(least)}
    return frozenset(_protect({subject: count.now for subject, count in counts.items()}, parent_of, least, hidden | small))


def _protect(counts: Mapping[str, int], parent_of: ParentOf, least: int, hidden: Collection[str]) -> set[str]:
    """Return the hidden subjects with those that protect them, from the whole downwards."""
    children, found = _children(counts, parent_of), set(hidden)
    parents = deque([ROOT])
    while parents:
        parent = parents.popleft()
        below = children[parent]
        found |= _complement(below, counts, found, least, is_parent_hidden=parent in found)
        parents.extend(below)
    return found


def _complement(
    siblings: Sequence[str], counts: Mapping[str, int], hidden: Collection[str], least: int, *, is_parent_hidden: bool
) -> set[str]:
    """Return which siblings are hidden.

    Under a shown parent they know the sum of the hidden ones: two at least, and so many complaints that each may have any
    count up to the threshold while the others have one. Under a hidden parent the same has to hold by what it leaves open.
    """
    found = [each for each in siblings if each in hidden]
    if not siblings or not (found or is_parent_hidden):
        return set()
    spare = 1 if is_parent_hidden else 2
    others = sorted((each for each in siblings if each not in hidden and counts.get(each, 0) >= least), key=_size(counts))
    for other in [None, *others]:
        found += [other] if other else []
        if len(found) >= spare and sum(counts.get(each, 0) for each in found) >= least + len(found) - spare:
            return set(found)
    return set(siblings)


def _size(counts: Mapping[str, int]) -> Callable[[str], tuple[int, str]]:
    return lambda subject: (counts.get(subject, 0), subject)


def _children(counts: Iterable[str], parent_of: ParentOf) -> Mapping[str, list[str]]:
    """Return the subjects below each, levels without a count of their own included."""
    below: dict[str, set[str]] = defaultdict(set)
    for subject in counts:
        at = subject
        while at != ROOT:
            parent = parent_of(at)
            below[parent].add(at)
            at = parent
    return defaultdict(list, {parent: sorted(each) for parent, each in below.items()})


@dataclass(frozen=True, slots=True)
class HiddenCells:
    """The hidden subjects of a kind by month."""

    by_month: Mapping[str, frozenset[str]]

    def within(self, months: Iterable[str]) -> frozenset[str]:
        """Return the subjects that are hidden in a period of some months: in one of them suffices."""
        return frozenset().union(*(self.by_month.get(month, frozenset()) for month in months))
