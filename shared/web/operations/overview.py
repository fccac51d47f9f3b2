"""`/ops`: whether every service runs, what waits, and what a person should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from shared.accounts import Person, Role
from shared.accounts.service_states import Attention, ReportedState, fetch_states
from shared.database.connections import acquire
from shared.database.logins import SERVICES
from shared.web.i18n import Text, _
from shared.web.operations.actions import SERVICE_NAMES
from shared.web.operations.frame import frame_context
from shared.web.pages import get_pages
from shared.web.session import DatabaseDep, require_role, session_token

PATH = "/ops"
# What is to be looked at, and what to do; the most urgent first.
WORK: dict[str, tuple[Text, Text]] = {
    "service_silent": (_("服务没有响应"), _("查该服务的进程和日志；重启后从数据库所记位置继续，不丢不重。")),
    "partition_blocked": (_("分区停住"), _("用下面的命令查看原因和处理办法。")),
    "applications_overdue": (_("异议申请逾期"), _("请异议更正岗位立即办理。")),
    "queue_urgent": (_("紧急撤回或更正待办"), _("错误信息此时仍在公示，请审核岗和发布岗立即办理。")),
    "source_silent": (_("来源静默"), _("静默时间比最近两周最长的间隔还长一半；联系来源单位，查网络和密钥。")),
    "screen_lost": (_("公示屏失去联系"), _("查现场的电源和网络；断电期间屏上不显示旧信息。")),
    "month_unclosed": (_("月份应截止未截止"), _("积压处理完后自动截止，也可用下面的命令。")),
    "applications_due": (_("异议申请今日或下一个工作日到期"), _("请异议更正岗位按期作出决定。")),
    "dead_letters": (_("拒收记录待处理"), _("用下面的命令查看原因，更正后重放。")),
    "figures_pending": (_("统计数待发出"), _("片刻后自动发出；长时间不减少时查统计服务的日志。")),
    "queue_draft": (_("最早的待审核条目"), _("请审核岗办理。")),
    "queue_returned": (_("最早的退回条目"), _("请起草单位修改。")),
    "queue_stopped": (_("最早的待事后确认条目"), _("已由一人先行撤下，请审核岗或者发布岗的其他人员确认。")),
    "queue_approved": (_("最早的待发布条目"), _("请发布岗办理。")),
}
COMMANDS = {
    "partition_blocked": "gongshi positions show",
    "month_unclosed": "gongshi close-month",
    "dead_letters": "gongshi dead-letters list",
}
RANKS = {code: rank for rank, code in enumerate(WORK)}

router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def show_operations(
    request: Request, database: DatabaseDep, person: Annotated[Person, Depends(require_role(Role.OPS))]
) -> Response:
    """Show every service as it last reported itself."""
    async with acquire(database.pool) as connection:
        states = await fetch_states(connection, session_token(request))
    now = database.clock()
    return get_pages(request).render(
        request, "operations/overview.html", states=states, now=now, work=find_work(states, now), words=WORK, commands=COMMANDS,
        absent=[name for name in SERVICES if name not in {each.service for each in states}], names=SERVICE_NAMES,
        **frame_context(person, PATH),
    )  # fmt: skip


def find_work(states: Sequence[ReportedState], now: datetime) -> list[tuple[str, Attention]]:
    """Return what a person should look at with the service that reports it, the most urgent first, the oldest first."""
    found = [(each.service, attention) for each in states for attention in _attention(each, now)]
    return sorted(found, key=lambda pair: (RANKS.get(pair[1].code, len(RANKS)), pair[1].since or now, pair[1].subject))


def _attention(reported: ReportedState, now: datetime) -> Iterator[Attention]:
    state = reported.state
    if reported.is_silent(now):
        yield Attention(code="service_silent", subject=reported.process, since=reported.at)
    for consumer in state.consumers:
        for blocked in consumer.blocked:
            yield Attention(code="partition_blocked", subject=f"{consumer.topic}/{blocked.partition}")
    if state.dead_letters:
        yield Attention(code="dead_letters", count=state.dead_letters)
    yield from state.attention
