"""The enterprise credit system: penalties by the fields of 双公示, brought to its interface.

Names of fields: 行政处罚 data standard of 双公示 (cf_*); amounts in 10,000 yuan. Fields about persons (cf_frdb, cf_fr_sfzh,
cf_xdr_zjhm and their like) stay out; register numbers that the one code has taken the place of are empty.
"""

from __future__ import annotations

from services.publisher.channels.declaration import Body, Channel, Message, Sender
from services.publisher.channels.signing import signed_headers
from services.publisher.domain.delivery import Reply
from services.publisher.domain.target import Target
from services.publisher.kinds.penalty import PARTIES, PENALTIES
from shared.clock import now
from shared.contracts import PublicItem
from shared.web.i18n import _

# Our field by theirs; the headings are those of the file.
FIELDS = {
    "cf_wsh": "document_number",
    "cf_wfxw": "offence",
    "cf_sy": "offence_facts",
    "cf_yj": "penalty_basis",
    "cf_nr": "penalty_content",
    "cf_nr_fk": "fine",
    "cf_nr_wfff": "confiscated",
    "cf_nr_zkdx": "licence",
    "cf_jdrq": "decided_on",
    "cf_yxq": "valid_until",
    "cf_gsjzq": "public_until",
    "cf_cfjg": "authority",
    "cf_cfjgdm": "authority_code",
    "cf_sjly": "authority",
    "cf_sjlydm": "authority_code",
}
HEADINGS = {
    "cf_xdr_mc": "行政相对人名称",
    "cf_xdr_lb": "行政相对人类别",
    "cf_xdr_shxym": "统一社会信用代码",
    "cf_xdr_gszc": "工商注册号",
    "cf_xdr_zzjg": "组织机构代码",
    "cf_xdr_swdj": "税务登记号",
    "cf_xdr_sydw": "事业单位证书号",
    "cf_xdr_shzz": "社会组织登记证号",
    "cf_wsh": "行政处罚决定书文号",
    "cf_wfxw": "违法行为类型",
    "cf_sy": "违法事实",
    "cf_yj": "处罚依据",
    "cf_cflb": "处罚类别",
    "cf_nr": "处罚内容",
    "cf_nr_fk": "罚款金额（万元）",
    "cf_nr_wfff": "没收金额（万元）",
    "cf_nr_zkdx": "暂扣或吊销证照名称及编号",
    "cf_jdrq": "处罚决定日期",
    "cf_yxq": "处罚有效期",
    "cf_gsjzq": "公示截止期",
    "cf_cfjg": "处罚机关",
    "cf_cfjgdm": "处罚机关统一社会信用代码",
    "cf_sjly": "数据来源单位",
    "cf_sjlydm": "数据来源单位统一社会信用代码",
    "bz": "备注",
}


def credit_record(item: PublicItem) -> dict[str, str] | None:
    """Return a penalty by its fields, in the order of the file; None for any other kind of item."""
    if item.kind != "penalty" or item.operator is None:
        return None
    content = item.content or {}
    values = {theirs: str(content.get(ours) or "") for theirs, ours in FIELDS.items()}
    values |= {
        "cf_xdr_mc": item.operator.name,
        "cf_xdr_lb": str(PARTIES.get(str(content.get("party_kind")), "")),
        "cf_xdr_shxym": item.operator.uscc or "",
        "cf_cflb": str(PENALTIES.get(str(content.get("penalty_kind")), "")),
        "bz": item.item_id,
    }
    return {name: values.get(name, "") for name in HEADINGS}


def project(item: PublicItem) -> Body | None:
    """Return a record to take in or to replace."""
    record = credit_record(item)
    return None if record is None else {"operation": "upsert", "id": item.item_id, "version": item.version, "record": record}


def recall(item: PublicItem) -> Body:
    """Return that a record is to be removed."""
    return {"operation": "delete", "id": item.item_id, "version": item.version, "reason": item.reason}


async def deliver(target: Target, message: Message, sender: Sender) -> Reply:
    """Post a record, signed as webhooks are."""
    content, headers = signed_headers(message, target.secrets, now())
    return await sender.post(target.address, content, headers)


CHANNEL = Channel(
    name="credit",
    label=_("信用信息系统（双公示）"),
    kinds=("penalty",),
    project=project,
    recall=recall,
    deliver=deliver,
)
