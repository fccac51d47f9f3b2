"""Rows that are no data: sums, notes, signatures, headings once more, numbers of columns, the samples of a template."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from shared.tables.headings import Heading
from shared.tables.readers.cells import Cell, is_blank

_FOOTER = re.compile(
    r"""[\s*※（(\[【]*+(?:
      (?:本页|本月|本表|全部|以上)?(?:合\s*+计|总\s*+计|小\s*+计|共\s*+计|累\s*+计|汇\s*+总)
      |[共计]\s*+[:：]?\s*+\d|第\s*+\d++\s*+页|\d++\s*+/\s*+\d++\s*+页?$
      |(?:制|填)\s*+[表报]|审\s*+[核批]|复\s*+核|报\s*+送|打\s*+印|导\s*+出|生成时间|统计(?:时间|日期|单位|截止|截至)
      |数据(?:来源|截至|截止|更新)|(?:单位)?负责人\s*+[:：]|经办人\s*+[:：]|备\s*+注|说\s*+明|注\s*+\d?\s*+[:：]
      |以上(?:数据|内容|信息)|本(?:表|资料|文件)[为由系]|以下空白|[-—=]*+\s*+(?:结束|完|end)\s*+[-—=]*+$
      |\d++\s*+(?:rows?|records?)\b|\d++\s*+行受影响|(?:sub-?|grand\s)?total\b|page\s+\d
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_SUM = re.compile(r"(?:小 ?计|合 ?计|总 ?计|汇 ?总|total) ?[:：]?$", re.IGNORECASE)
_NOTE = re.compile(r"[\u4e00-\u9fff]|^\s*+(?:\d++\.\d++|end|eof)\s*+$", re.IGNORECASE)
_SECTION = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.．:：]|[（(][一二三四五六七八九十\d]{1,3}[)）]")
_SAMPLE = re.compile(r"[（(【]?(?:示 ?例|样 ?例|范 ?例|举 ?例|填写示例|例如?)[)）】]?[:：]?")
_RULE = re.compile(r"[-=_—–:+|*\s]+")


# What the first cell begins with of a row that is one of lines, of columns' numbers or letters, or a sample. Of most rows it
# is something else, and nothing more is looked at.
_MAY_BE_LAYOUT = re.compile(r"[(（【]?(?:[-=_—–:+|*]|[01](?:\.0)?[)）]?$|[A甲][)）]?$|示|样|范|举|例|填)")


class NoDataRows:
    """Tells the rows of a sheet that are no data, below headings of which `required` are those that every row must fill."""

    def __init__(self, heading: Heading, required: Collection[str]) -> None:
        self._texts = frozenset(map(_bare, heading.texts))
        needed = frozenset(required)
        self._required = [index for index, name in enumerate(heading.names) if name in needed]

    def is_no_data(self, cells: Sequence[Cell]) -> bool:
        """Return whether a row with some cell filled is the headings once more, one of the layout, or stands below the list."""
        first = next(cell for cell in cells if not is_blank(cell))
        if isinstance(first, str):
            if _bare(first) in self._texts and self._is_heading(cells):
                return True
            may_be_layout = _MAY_BE_LAYOUT.match(first.lstrip()) is not None
        else:
            may_be_layout = first in {0, 1}
        if may_be_layout and is_layout([_to_text(cell) for cell in cells if not is_blank(cell)]):
            return True
        return not self._is_complete(cells) and self._is_below_data(cells)

    def is_note(self, cells: Sequence[Cell]) -> bool:
        """Return whether a row holds nothing but one text that is no number of a complaint, as a note below a list does."""
        filled = [cell for cell in cells if not is_blank(cell)]
        if len(filled) != 1 or self._is_complete(cells):
            return False
        return isinstance(filled[0], float) or _NOTE.search(str(filled[0])) is not None

    def _is_complete(self, cells: Sequence[Cell]) -> bool:
        return all(index < len(cells) and not is_blank(cells[index]) for index in self._required)

    def _is_heading(self, cells: Sequence[Cell]) -> bool:
        filled = [cell for cell in cells if not is_blank(cell)]
        return len(filled) > 1 and all(isinstance(cell, str) and _bare(cell) in self._texts for cell in filled[:3])

    def _is_below_data(self, cells: Sequence[Cell]) -> bool:
        """Return whether a row without some required cell is a sum, a note, a signature, or the title of a section."""
        filled = [cell for cell in cells if not is_blank(cell)]
        if not isinstance(filled[0], str):
            is_required = any(index < len(cells) and not is_blank(cells[index]) for index in self._required)
            return not is_required and all(isinstance(cell, int | float) for cell in filled)
        text = filled[0].strip()
        is_sum = _FOOTER.match(text) is not None or _SUM.search(text) is not None
        return is_sum or (len(filled) == 1 and _SECTION.match(text) is not None)


def _bare(text: str) -> str:
    return text.strip(" \t\r\n\u3000\ufeff*")


def is_layout(texts: Sequence[str]) -> bool:
    """Return whether the filled cells of a row are lines, the numbers or letters of columns, or a template's sample."""
    if all(_RULE.fullmatch(text) for text in texts):
        return len(texts) > 1
    if _SAMPLE.fullmatch(texts[0]):
        return True
    plain = [text.strip("()（）") for text in texts]
    return len(plain) > 2 and (_are_numbers(plain) or _are_letters(plain))  # noqa: PLR2004  # two may be data


def _to_text(cell: Cell) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell).strip()


def _are_numbers(texts: Sequence[str]) -> bool:
    if texts[0] not in {"0", "1"} or not all(text.isdecimal() and len(text) <= len("999") for text in texts):
        return False
    return [int(text) for text in texts] == list(range(int(texts[0]), int(texts[0]) + len(texts)))


def _are_letters(texts: Sequence[str]) -> bool:
    return texts[:2] in (["A", "B"], ["甲", "乙"]) and all(len(text) == 1 for text in texts)
