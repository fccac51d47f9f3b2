"""Addresses down to the door among the words of a text: of roads, lanes, estates and villages, with or without a region."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shared.personal_data.second_stage.segmenter import Word

_NUMBER = r"(?:[甲乙丙丁戊附]?[0-9]{1,5}[A-Za-z]?|[A-Za-z][0-9]{0,4}|[一二三四五六七八九十百零〇]{1,5}|[甲乙丙丁东南西北中])"
_UNIT = (
    r"(?:村民小组|居民小组|小组|号楼|号院|号门|号房|号附|号之|支弄|"
    r"单元|楼层|号|幢|栋|座|层|楼|室|户|组|队|社|门|房|铺|弄|区|期|#)"
)
# Of an estate's part, or of a district's name: 家园北区, 铁西区.
_DISTRICT_END = re.compile(r"[东南西北中]区")
_QUANTITY = r"(?![0-9]|小时|时[至到]|[天年月日点分个件次人元块万岁级折倍周米斤升瓶盒颗])"
_DASHED = rf"(?:[0-9]{{1,4}}|[A-Za-z])(?:-[0-9A-Za-z]{{1,5}}){{1,4}}(?:号|室|户)?{_QUANTITY}"
_DOOR = rf"(?:第?(?:{_DASHED}|{_NUMBER}{_UNIT}))"
# A room without its word behind other doors: 3幢501.
_ROOM = rf"(?:[0-9]{{1,5}}(?:室|号|户|房)?{_QUANTITY})"
_CHAIN = re.compile(rf"{_DOOR}(?:[ ,]?{_DOOR})*{_ROOM}?(?:之[0-9]{{1,3}})?")
_REST = re.compile(r"(?:之[0-9]{1,3}|[号室层楼房户队社组]|村民小组)(?![\u4e00-\u9fff])")
_DATE = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{1,2}(?:-[0-9]{1,2})?")
_STRONG = re.compile(r"幢|栋|单元|室|号楼|号院|弄|户|座|#|小组|[0-9A-Za-z]-[0-9]|号[0-9]{1,2}楼|号之")
_PLACE_END = (
    r"(?:路|街|大道|道|巷|弄|胡同|条|小区|花园|家园|新城|城|府|公寓|大厦|新村|村|社区|苑|园|广场|湾|庭|邸|墅|居|坊|轩|阁|台|郡|里|宿舍|公馆|山庄|国际|"
    r"庄|屯|镇|乡|街道|寨|岗|沟|堡|院|楼|厂|家属院|东头|西头|南头|北头|江南|一号|壹号|灯火|天地|中心)"
)
_ENDS_AS_PLACE = re.compile(rf"[\u4e00-\u9fff0-9]{{1,12}}{_PLACE_END}$")
_BELOW_DISTRICT = re.compile(r"(?:路|街|大道|巷|弄|胡同|小区|花园|家园|公寓|大厦|新村|村|社区|苑|宿舍|公馆|山庄|屯|庄)$")
_AREA = re.compile(r"(?:省|市|区|县|旗|镇|乡|街道|开发区|新区|自治州|自治区)$")
_HOME_CUE = re.compile(
    r"(?:家住|现住|居住在|居住于|租住在|租住于|独居于|住在|住于|我住|住址|地址|收货地|户籍|老家|我家在|家在|寄到|寄至|送到|送至|送货到|装在|位于|安装地点在|前往|就是|"
    r"我是|请到|到|住)(?:为|是|在|于|：|:| ){0,3}$"
)
_DATE_OR_LINE = re.compile(r"[0-9]{1,2}月$|[0-9]{4}年$")
_NOT_DOOR = re.compile(r"^[0-9]{1,2}(?:号|楼|层|期|区|队|组|门)$")
_STOP_TAGS = frozenset({"w", "p", "v", "u", "c", "r", "d", "TIME", "t", "PER"})
_STOP_WORDS = frozenset(
    [
        "地址",
        "住址",
        "收货",
        "户籍",
        "家庭",
        "服务",
        "安装",
        "地点",
        "老人",
        "房子",
        "空调",
        "业主",
        "住户",
        "快递",
        "门店",
        "店",
    ]
)
# All that stands between a word for a home and the doors.
_ANNOUNCED_PLACE = re.compile(
    r"(?:家住|现住|居住在|居住于|租住在|租住于|独居于|住在|住于|我住|住址|地址|户籍地|我家在|家在|"
    r"寄到|寄至|送到|送至|送货到|装在|位于|地点在)(?:为|是|在|于|:| ){0,2}"
    r"(?P<place>[\u4e00-\u9fff][\u4e00-\u9fff0-9A-Za-z]{1,28})$"
)
# Behind a preposition, where the doors themselves are those of a home.
_PREPOSED_PLACE = re.compile(
    r"(?:我家|他家|她家|[到从在是了于至给和])(?P<place>[\u4e00-\u9fff]{2,8}?[\u4e00-\u9fff0-9A-Za-z]{0,12})$"
)
_REGION = re.compile(r"[\u4e00-\u9fff]{1,7}(?:省|市|区|县|旗|镇|乡|街道)")
_FUNCTION = re.compile(r"[的在于我他她它了和与到从是把被给向对说称要没不]")
_NUMBERED = re.compile(r"(?:型号|编号|单号|号码|规格|尺码|批号|货号|版本|款号|色号|车次|航班|区间|第)[A-Za-z]{0,4}$")
_MAX_HEAD = 40
_MIN_HEAD = 2
_PHRASE = re.compile(r"[\u4e00-\u9fff0-9A-Za-z]+")


def address_spans(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield where addresses stand: doors with the place before them, and places below a district that a home is in."""
    for chain in _CHAIN.finditer(text):
        start = _start_of_place(text, words, chain.start())
        if _is_address(text, start, chain):
            yield _with_region(words, start), chain.end()
    yield from _homes(text, words)


def rest_spans(text: str, words: Sequence[Word], token: str) -> Iterator[tuple[int, int]]:
    """Yield what the first stage left of an address on both sides of its token: [地址]四队, 开发区[地址]."""
    ends = {word.end: word for word in words}
    for match in re.finditer(re.escape(token), text):
        if doors := _CHAIN.match(text, match.end()) or _REST.match(text, match.end()):
            yield doors.span()
        before = ends.get(match.start())
        if before and (before.tag == "LOC" or _REGION.fullmatch(before.text)):
            yield before.start, before.end


def _is_address(text: str, start: int, chain: re.Match[str]) -> bool:
    """Return whether doors with what stands before them are an address, and no date, line of a metro, floor of a shop."""
    doors, head = chain.group(), text[start : chain.start()]
    if _is_other_number(text, chain):
        return False
    if _DISTRICT_END.fullmatch(doors):
        return _ENDS_AS_PLACE.search(head) is not None
    if len(head) >= _MIN_HEAD and (_ENDS_AS_PLACE.search(head) or _REGION.match(head)):
        return True
    is_announced = _HOME_CUE.search(text, max(0, start - 8), start) is not None
    if _NOT_DOOR.match(doors):
        return False
    if _STRONG.search(doors):
        return len(head) >= _MIN_HEAD or is_announced or len(_STRONG.findall(doors)) > 1
    return bool(head) and is_announced


def _is_other_number(text: str, chain: re.Match[str]) -> bool:
    before = text[max(0, chain.start() - 6) : chain.start()]
    return bool(
        _DATE.match(chain.group())
        or _DATE_OR_LINE.search(before)
        or _NUMBERED.search(before)
        or text[chain.end() : chain.end() + 1] == "线"
    )


def _start_of_place(text: str, words: Sequence[Word], end: int) -> int:
    """Return where the place begins whose doors begin at `end`.

    All that a word for a home announces; else a region and what follows it; else the words before the doors as long as they
    can be parts of a place.
    """
    first = max(0, end - _MAX_HEAD)
    if announced := _ANNOUNCED_PLACE.search(text, first, end):
        return announced.start("place")
    for word in words:
        is_region = first <= word.start < end and word.tag == "LOC" and _REGION.match(word.text)
        if is_region and not _FUNCTION.search(text, word.end, end) and _PHRASE.fullmatch(text, word.start, end):
            return word.start
    start = end
    for word in reversed([each for each in words if each.start < end]):
        if end - word.start > _MAX_HEAD or _stops(word, start):
            break
        start = word.start
    if end - start < _MIN_HEAD and (preposed := _PREPOSED_PLACE.search(text, max(0, end - 16), end)):
        return preposed.start("place")
    return start


def _with_region(words: Sequence[Word], start: int) -> int:
    """Return the start of the region directly before a place that the model left out: 开发区."""
    for word in reversed(words):
        if word.end == start and _REGION.fullmatch(word.text):
            start = word.start
    return start


def _stops(word: Word, start: int) -> bool:
    if word.end < start:
        return True
    if _ENDS_AS_PLACE.search(word.text) or word.tag == "LOC":
        return False
    return word.tag in _STOP_TAGS or word.text in _STOP_WORDS


def _homes(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield places without doors behind words for a home: 住在幸福小区."""
    for at, word in enumerate(words):
        if word.tag not in {"LOC", "ORG", "nz", "n"} or not _HOME_CUE.search(text, max(0, word.start - 8), word.start):
            continue
        end = word.end
        for following in words[at + 1 : at + 6]:
            if following.tag not in {"LOC", "n", "nz", "ORG", "s", "m"}:
                break
            end = following.end
        place = text[word.start : end]
        if _BELOW_DISTRICT.search(place) and not _AREA.search(place):
            yield word.start, end
