"""The written reply as an official document: the words of the page's letter."""

from __future__ import annotations

from collections.abc import Sequence

from services.corrections.domain import Application, Ruling
from shared.documents.document import OfficialDocument, Paragraph
from shared.rules import Reason
from shared.web.documents import DOCUMENT_MARK
from shared.web.formats import Formats
from shared.web.site import Site
from shared.web.vocabulary import word


def reply_document(
    application: Application,
    item_title: str,
    ruling: Ruling,
    reason: Reason | None,
    remedies: Reason | None,
    site: Site,
    formats: Formats,
) -> OfficialDocument:
    """Return the reply to an application as its operator gets it; `formats` are Chinese, as the reply is."""
    filing, proposal = application.filing, ruling.proposal
    day = formats.day(ruling.decided_at)
    received = formats.day(application.received_on)
    decision = str(word("decision", proposal.decision))
    words = reason.zh if reason else ""
    paragraphs = (
        f"你单位{received}提出的申请（{application.receipt}）收悉。经核实，答复如下：",
        *filter(None, proposal.reply.split("\n")),
        f"决定：{decision}。原因：{proposal.reason_code} {words}。依据：公示规则（{ruling.rules_version}版）。",
        *((remedies.zh,) if remedies else ()),
    )
    return _to_operator(
        application, f"关于“{item_title}”（{filing.item_id}）的书面答复", ruling.reply_number, day, paragraphs, site
    )


def receipt_document(application: Application, item_title: str, code: str, site: Site, formats: Formats) -> OfficialDocument:
    """Return the receipt of an application with its tracking code, which only its holder has."""
    filing = application.filing
    day = formats.day(application.filed_at)
    kind = str(word("application", filing.kind))
    paragraphs = (
        f"你单位关于“{item_title}”（{filing.item_id}）的{kind}申请已于{day}收到。",
        f"回执编号：{application.receipt}。",
        f"查询码：{code}。",
        f"答复期限：{formats.day(application.due_on)}前书面答复。",
        f"凭查询码可以查看办理进度、补充材料、阅读答复：{site.permalink('/corrections')}。查询码请妥善保管，勿转给他人。",
    )
    return _to_operator(application, "消费投诉公示异议申请回执", application.receipt, day, paragraphs, site)


def _to_operator(
    application: Application, title: str, number: str | None, day: str, paragraphs: Sequence[str], site: Site
) -> OfficialDocument:
    return OfficialDocument(
        title=title,
        issuer=site.bureau("zh"),
        number=number,
        addressee=application.filing.applicant.operator_name,
        parts=tuple(Paragraph(text=text) for text in paragraphs),
        day=day,
        printed=f"{day}印发",
        mark=DOCUMENT_MARK if site.synthetic else "",
    )
