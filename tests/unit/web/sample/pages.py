"""Sample pages that use every layout and every component, with invented data, for the tests of the frame."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shared.accounts import Person, Role
from shared.calendar import Calendar
from shared.charts.renderer import ChartRenderer
from shared.charts.spec import Bars, Restatement, Series, Trend
from shared.web.deadlines import Countdown
from shared.web.i18n import Text, _
from shared.web.languages import Language
from shared.web.periods import month_name
from shared.web.site import Site
from shared.web.templating import Pages

SAMPLE = Path(__file__).parent
AS_OF = datetime(2026, 10, 9, 0, 0, tzinfo=UTC)
CALENDAR = Calendar.load()
MONTHS = ("2025-11", "2025-12", *(f"2026-{month:02}" for month in range(1, 11)))
PAGES = ("public", "desk", "desk-dialog", "landscape", "portrait", "screen-over", "problem", "gone", "sign-in")

SITE = Site(
    "云州市市场监督管理局", "Yunzhou Market Regulator", synthetic=True, public="https://gongshi.example",
    zone=ZoneInfo("Asia/Shanghai"),
)  # fmt: skip


def trend(language: Language) -> Trend:
    return Trend(
        title=_("近12个月投诉与解决"),
        note=_("件，按收到日期；8月重算，原值68"),
        row_head=_("月份"),
        ticks=tuple(month_name(month, language) for month in MONTHS),
        rows=MONTHS,
        series=(
            Series(_("投诉"), (41, 38, 45, 33, 52, 40, 44, 49, 58, 66, 64, 19)),
            Series(_("解决"), (36, 33, 39, 29, 45, 35, 39, 43, 49, 57, 49, 6)),
        ),
        unfinished=True,
        restated=(Restatement(9, 68),),
    )


def compared(language: Language) -> Bars:
    names = ("零售业", "居民服务业", "餐饮业", "教育") if language == "zh" else ("Retail", "Services", "Catering", "Education")
    return Bars(
        title=_("投诉量按行业"),
        note=_("2026年9月与去年同月，件"),
        row_head=_("行业"),
        names=names,
        series=(Series("2026", (3214, 1106, 982, 764)), Series("2025", (3000, 1206, 820, 640), colour=6)),
        half=True,
    )


def page(pages: Pages, charts: ChartRenderer, name: str, language: Language, page_address: Any) -> str:
    """Return one of `PAGES` in `language`."""
    template, context = _page(pages, charts, name, language)
    return pages.html(language, template, page_address=page_address, **context)


def _page(pages: Pages, charts: ChartRenderer, name: str, language: Language) -> tuple[str, dict[str, Any]]:
    zh = language == "zh"
    title = "优学教育退课退费争议" if zh else "Youxue Education: refund dispute"
    texts = {
        "title": title,
        "before": "消费者要求全额退还剩余课时费。" if zh else "The consumer wants all lesson fees back.",
        "after": "消费者要求退还剩余课时费，对时数有不同意见。" if zh else "The consumer wants unused lesson fees back.",
    }
    screen = {"place": "云湖天地购物中心" if zh else "Yunhu Plaza", "now": AS_OF, "as_of": AS_OF, "lease_until": AS_OF,
              "page": 1, "pages": 4, "rows": _rows(language)}  # fmt: skip
    desk = {"desk": _("公示工作台"), "desk_url": "/desk", "person": Person("zhouning", "周宁" if zh else "Zhou Ning", Role.REVIEWER),
            "tabs": [{"name": _("待审核"), "url": "/desk", "count": 14, "current": True}],
            "toast": _("已退回，理由已告知起草单位。"), "toast_url": "/desk/returned", "dialog": ""}  # fmt: skip
    return {
        "public": ("public.html", _public(pages, charts, language)),
        "desk": ("desk.html", texts | desk),
        "desk-dialog": ("desk.html", texts | desk | {"dialog": "return"}),
        "landscape": ("screen.html", texts | screen | {"orientation": "landscape"}),
        "portrait": ("screen.html", texts | screen | {"orientation": "portrait"}),
        "screen-over": ("layouts/screen_over.html", {"orientation": "landscape"}),
        "problem": ("problem.html", {"status_code": 404, "title": _("没有找到这个页面"), "remedy": _("请稍后再试。"),
                                     "detail": None}),
        "gone": ("gone.html", {"item_id": "GS-2026-0533", "withdrawn_at": AS_OF, "released_at": AS_OF, "board": "major",
                               "reason_code": "W03", "reason": _("主体对应错误"),
                               "decided": _("承办单位核实后撤回"), "rule": "公示规则第15条" if zh else "art. 15",
                               "channels": (64, 64), "record_url": "/changes"}),
        "sign-in": ("sign_in.html", {"action": "/sign-in", "next": "/desk", "name": "zhouning",
                                     "error": "wrong"}),
    }[name]  # fmt: skip


def _public(pages: Pages, charts: ChartRenderer, language: Language) -> dict[str, Any]:
    formats = pages.formats(language)
    zh = language == "zh"
    problems: list[tuple[Text, int]] = [(_("商品质量"), 72), (_("售后服务"), 51), (_("价格与宣传"), 33), (_("其他"), 31)]
    return {
        "operator": "云州锦程通讯器材有限公司" if zh else "Yunzhou Jincheng Communications Co.",
        "as_of": AS_OF,
        "trend": charts.draw_sync(trend(language), formats),
        "compared": charts.draw_sync(compared(language), formats),
        "problems": problems,
        "tiles": [{"name": _("湖东区"), "url": "/r", "rate": "17.2", "count": formats.count(1684), "step": step}
                  for step in (0, 1, 2, 3, 4, 5)],
        "countdown": Countdown.of(CALENDAR.add_workdays(date(2026, 9, 18), 15), date(2026, 10, 9), CALENDAR),
    }  # fmt: skip


def _rows(language: Language) -> list[tuple[str, str, int, int, int, str]]:
    name = "安途汽车销售服务" if language == "zh" else "Antu Car Sales"
    return [
        (name, "A101", 52, 38, 49, ""),
        (name, "A118", 64, 49, 58, "corrected"),
        (name, "C305", 37, 28, 35, "review"),
        (name, "D506", 22, 19, 21, ""),
        (name, "E402", 88, 47, 80, ""),
    ]
