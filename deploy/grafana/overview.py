"""The overview: whether all runs, what waits, what was published, how fast pages are. Titles in Chinese, then English."""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row, ThresholdsConfig
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.timeseries import Panel as Lines
from grafana_foundation_sdk.models.dashboard import Dashboard as Built
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode

UID = "gongshi-overview"
SOURCE = DataSourceRef(type_val="prometheus", uid="gongshi")
FAILED = 'rate(gongshi_http_requests_total{status=~"5.."}[$__rate_interval])'
ANSWERED = "sum by (service) (rate(gongshi_http_requests_total[$__rate_interval]))"
FETCH_FAILURES = "increase(gongshi_fetch_failures_total[$__rate_interval])"
LIMITS = "increase(gongshi_limits_reached_total[$__rate_interval])"
SERVICES = 'job=~"publisher|intake|stats|corrections"'
TILE, TILE_HEIGHT = 4, 4
CHART, CHART_HEIGHT = 8, 8

# A tile: title, expression, unit, and where it turns red: (below or from, value).
TILES = (
    ("运行中的服务 / Services up", f"sum(up{{{SERVICES}}})", "none", ("below", 4.0)),
    ("待处理记录 / Records waiting", "sum(gongshi_lag_records)", "short", ("from", 50_000.0)),
    ("待发消息 / Messages in outboxes", "sum(gongshi_outbox_depth)", "short", ("from", 10_000.0)),
    ("在线公示屏 / Screens connected", "sum(gongshi_screens_connected)", "none", ("below", 1.0)),
    ("逾期申请 / Applications overdue", "sum(gongshi_applications_overdue)", "none", ("from", 1.0)),
    ("24小时扣留文本 / Texts withheld, 24 h", "sum(increase(gongshi_redaction_withheld_total[24h]))", "none", ("from", 1.0)),
)

# A chart: title, expression, legend, unit.
CHARTS = {
    "数据流 / Pipeline": (
        (
            "每秒处理记录 / Records per second",
            "sum by (service, topic) (rate(gongshi_records_total[$__rate_interval]))",
            "{{service}} ← {{topic}}",
            "cps",
        ),
        ("积压记录 / Records waiting", "gongshi_lag_records", "{{service}} ← {{topic}}", "short"),
        ("距上次提交 / Since the last commit", "gongshi_commit_age_seconds", "{{service}} ← {{topic}}", "s"),
        (
            "批次用时，95%分位 / Time of a batch, p95",
            "histogram_quantile(0.95, sum by (service, topic, le) (rate(gongshi_batch_seconds_bucket[$__rate_interval])))",
            "{{service}} ← {{topic}}",
            "s",
        ),
        (
            "批次大小，中位数 / Size of a batch, median",
            "histogram_quantile(0.5, sum by (service, topic, le) (rate(gongshi_batch_records_bucket[$__rate_interval])))",
            "{{service}} ← {{topic}}",
            "short",
        ),
        (
            "拒收记录，按原因 / Dead letters by reason",
            "sum by (service, reason) (increase(gongshi_dead_letters_total[$__rate_interval]))",
            "{{service}} {{reason}}",
            "short",
        ),
        (
            "诉求报告，按入口和结果 / Reports by entrance and result",
            "sum by (entrance, result) (rate(gongshi_reports_total[$__rate_interval]))",
            "{{entrance}} {{result}}",
            "cps",
        ),
        ("静默的来源 / Silent sources", "sum(gongshi_sources_silent)", "sources", "none"),
        ("发件箱 / Outboxes", "gongshi_outbox_depth", "{{service}}", "short"),
        (
            "每秒发出消息 / Messages sent per second",
            "sum by (service, topic) (rate(gongshi_outbox_sent_total[$__rate_interval]))",
            "{{service}} → {{topic}}",
            "cps",
        ),
        (
            "停住的分区 / Partitions that stand",
            "gongshi_standing_partitions or 0 * gongshi_lag_records",
            "{{service}} ← {{topic}}/{{partition}}: {{cause}}",
            "none",
        ),
        (
            "读取失败 / Failed fetches",
            f"sum by (service, topic, partition, cause) ({FETCH_FAILURES}) or 0 * gongshi_lag_records",
            "{{service}} ← {{topic}}/{{partition}}: {{cause}}",
            "short",
        ),
    ),
    "统计与公示 / Figures and publication": (
        ("待发出的统计数 / Figures not emitted yet", "gongshi_figures_pending", "{{job}}", "short"),
        (
            "每秒发出统计数 / Figures emitted per second",
            "sum(rate(gongshi_figures_emitted_total[$__rate_interval]))",
            "figures",
            "cps",
        ),
        (
            "公示条目，每小时 / Items, per hour",
            "sum by (board, action) (increase(gongshi_items_total[1h]))",
            "{{board}} {{action}}",
            "short",
        ),
        (
            "发布闸门拒绝，每小时 / Refusals of the gate, per hour",
            "sum by (reason) (increase(gongshi_gate_refusals_total[1h]))",
            "{{reason}}",
            "short",
        ),
        (
            "异议申请，每日 / Applications, per day",
            "sum by (kind, state) (increase(gongshi_applications_total[24h]))",
            "{{kind}} {{state}}",
            "short",
        ),
        (
            "第二遍去标识化，每小时 / Second stage of redaction, per hour",
            "sum by (result) (increase(gongshi_texts_searched_total[1h]))",
            "{{result}}",
            "short",
        ),
        ("在线公示屏 / Screens connected", "sum(gongshi_screens_connected)", "screens", "none"),
        ("失去联系的公示屏 / Screens lost", "sum(gongshi_screens_lost)", "screens", "none"),
        (
            "送达尝试，按渠道 / Deliveries by channel",
            "sum by (channel, outcome) (rate(gongshi_deliveries_total[5m]))",
            "{{channel}} {{outcome}}",
            "ops",
        ),
        ("最早一条的等待时间 / Age of the oldest version", "max by (queue) (gongshi_queue_age_seconds)", "{{queue}}", "s"),
        ("应截止未截止的月份 / Months not closed", "sum(gongshi_months_unclosed)", "months", "none"),
        (
            "距上次核对 / Since the figures were recounted",
            "time() - max(gongshi_figures_verified_timestamp_seconds)",
            "figures",
            "s",
        ),
        ("核对不一致 / Differences of the recount", "max(gongshi_figures_different)", "figures", "none"),
        ("公示计划逾期 / Late by the plan", "max by (rule) (gongshi_plan_late)", "{{rule}}", "none"),
        ("今日或次一工作日到期的申请 / Applications due", "sum(gongshi_applications_due)", "applications", "none"),
    ),
    "页面 / Pages": (
        (
            "每秒请求 / Requests per second",
            "sum by (service) (rate(gongshi_http_requests_total[$__rate_interval]))",
            "{{service}}",
            "reqps",
        ),
        (
            "响应时间，95%分位 / Time to answer, p95",
            "histogram_quantile(0.95, sum by (service, le) (rate(gongshi_http_request_seconds_bucket[$__rate_interval])))",
            "{{service}}",
            "s",
        ),
        (
            "出错请求占比 / Share of failed requests",
            f"(sum by (service) ({FAILED}) or 0 * {ANSWERED}) / {ANSWERED}",
            "{{service}}",
            "percentunit",
        ),
        (
            "达到上限的请求 / Requests that a limit refused",
            f"sum by (service, limit, whose) ({LIMITS}) or 0 * sum by (service) (gongshi_outbox_depth)",
            "{{service}} {{limit}} {{whose}}",
            "short",
        ),
    ),
    "安全 / Security": (
        (
            "安全事件 / Security events",
            "sum by (event) (increase(gongshi_security_events_total[$__rate_interval]))",
            "{{event}}",
            "short",
        ),
        (
            "距上次加封 / Since the journals were sealed",
            "time() - max(gongshi_journal_sealed_timestamp_seconds)",
            "seals",
            "s",
        ),
    ),
    "主机 / Machine": (
        ("磁盘余量 / Disk left", "gongshi_disk_free_bytes / gongshi_disk_size_bytes", "{{service}}", "percentunit"),
        (
            "证书有效期 / Certificate valid for",
            "min(gongshi_certificate_expires_timestamp_seconds) - time()",
            "certificate",
            "s",
        ),
    ),
}


def overview() -> Built:
    """Return the dashboard."""
    board = (
        Dashboard("投诉公示运行总览 / Gongshi overview")
        .uid(UID)
        .tags(["gongshi"])
        .timezone("Asia/Shanghai")
        .refresh("30s")
        .time("now-6h", "now")
        .readonly()
    )
    numbers = iter(range(1, 1_000))
    for title, expression, unit, limit in TILES:
        board = board.with_panel(_tile(title, expression, unit, limit).id(next(numbers)))
    for heading, charts in CHARTS.items():
        board = board.with_row(Row(heading).id(next(numbers)))
        for title, expression, legend, unit in charts:
            board = board.with_panel(_chart(title, expression, legend, unit).id(next(numbers)))
    return board.build()


def _tile(title: str, expression: str, unit: str, limit: tuple[str, float]) -> Stat:
    return (
        Stat()
        .title(title)
        .datasource(SOURCE)
        .span(TILE)
        .height(TILE_HEIGHT)
        .unit(unit)
        .thresholds(ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(list(_steps(*limit))))
        .with_target(_query(expression, "A"))
    )


def _steps(side: str, value: float) -> Iterator[Threshold]:
    good, bad = "green", "red"
    yield Threshold(value=None, color=bad if side == "below" else good)
    yield Threshold(value=value, color=good if side == "below" else bad)


def _chart(title: str, expression: str, legend: str, unit: str) -> Lines:
    return (
        Lines()
        .title(title)
        .datasource(SOURCE)
        .span(CHART)
        .height(CHART_HEIGHT)
        .unit(unit)
        .min(0)
        .with_target(_query(expression, "A").legend_format(legend))
    )


def _query(expression: str, name: str) -> Dataquery:
    return Dataquery().expr(expression).ref_id(name)
