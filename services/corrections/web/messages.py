"""Texts for the codes of the domain: how to mend a form, and the names of states and fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.corrections.domain import (
    MONEY_FIELDS,
    ApplicationState,
    EvidenceFault,
    EvidenceRejected,
    Fault,
    FilingFault,
    OtherFormat,
    ProposalFault,
    TrackingFault,
    is_valid_value,
)
from shared.web.i18n import Text, _

# The id of the control that a message belongs to, and the message.
FILING: Mapping[FilingFault, tuple[str, Text]] = {
    FilingFault.ITEM_CLOSED: ("kind", _("这条信息已不再公示，不能申请")),
    FilingFault.REASON: ("kind", _("请选择申请事项")),
    FilingFault.FIELD: ("field", _("请从列出的项目中选择")),
    FilingFault.FIELD_MISSING: ("field", _("填写了“应为”，请选择是哪一项有误")),
    FilingFault.VALUE: ("value", _("请填写正确的内容，不超过200字")),
    FilingFault.VALUE_FORM: ("value", _("请填写正确的内容：件数写整数，金额例如3200.00，日期写成2026-09-18")),
    FilingFault.STATEMENT: ("statement", _("请填写理由")),
    FilingFault.STATEMENT_LONG: ("statement", _("理由请控制在500字以内")),
    FilingFault.RESPONSE: ("response", _("请填写回应内容")),
    FilingFault.RESPONSE_LONG: ("response", _("回应请控制在500字以内")),
    FilingFault.RESPONSE_PERSONAL: ("response", _("回应将公开，请删去姓名、称呼、电话、证件号、地址等个人信息")),
    FilingFault.EVIDENCE: ("evidence", _("请上传至少一份证据")),
    FilingFault.OPERATOR_NAME: ("operator_name", _("请填写营业执照上的名称")),
    FilingFault.USCC: ("uscc", _("请核对统一社会信用代码，共18位，末位是校验码")),
    FilingFault.USCC_FOREIGN: ("uscc", _("这个代码与公示信息的经营者不一致，请核对代码或者更换信息")),
    FilingFault.CONTACT_NAME: ("contact_name", _("请填写联系人")),
    FilingFault.CONTACT_PHONE: ("contact_phone", _("请填写有效联系电话，例如13900000000")),
}

EVIDENCE: Mapping[Fault, Text] = {
    EvidenceFault.EMPTY: _("文件是空的，未上传"),
    EvidenceFault.TOO_LARGE: _("超过10 MB，未上传。照片可以截图后上传，文档可以分成几份"),
    EvidenceFault.CUT_OFF: _("文件不完整，未上传。请重新保存后再选择"),
    EvidenceFault.TOO_MANY: _("超过10份，未上传"),
    EvidenceFault.UNNAMED: _("文件名无法识别，未上传。请改成简单的文件名后再选择"),
    EvidenceFault.ACTIVE: _("PDF含有脚本或者会启动程序，未上传。请打印成新的PDF，或者截图后再选择"),
    OtherFormat.HEIF: _(
        "HEIC照片，未上传。请转成JPG：苹果手机在本页从“照片图库”选择会自动转换；其他手机在相册中另存为JPG，或者截图后上传"
    ),
    OtherFormat.PICTURE: _("图片格式不支持，未上传。请用看图软件另存为JPG或PNG，或者截图后上传"),
    OtherFormat.OFFICE: _("Word、WPS、Excel等文件，未上传。请打开后选“另存为”或“打印”，存成PDF再上传"),
    OtherFormat.OFD: _("OFD文件，未上传。请用阅读软件转换成PDF再上传"),
    OtherFormat.ARCHIVE: _("压缩文件，未上传。请解压后逐份上传"),
    OtherFormat.RECORDING: _("录音或录像，未上传。请上传有关画面的截图，原件请保留备查"),
    OtherFormat.WEB: _("网页文件，未上传。请用浏览器打印成PDF，或者截图后上传"),
    OtherFormat.MAIL: _("邮件或者网页存档，未上传。请打印成PDF，或者截图后上传"),
    OtherFormat.UNKNOWN: _("格式不支持，未上传。请转换成PDF、JPG或PNG再上传"),
}
# Over the lines of the files, or where none of them is left.
SOME_REJECTED = _("有文件未能上传，请按提示更换后再提交")
NOTHING_NEW = _("请选择还没有提交过的文件")
NO_ITEM = _("请先选择要申请的公示信息")

TRACKING: Mapping[TrackingFault, Text] = {
    TrackingFault.NO_CODE: _("请填写完整的查询码，共16位，印在回执上，例如7K3M-0QXD-9T5A-WBEN；也可以粘贴进度页的整个地址"),
    TrackingFault.RECEIPT_ALONE: _(
        "只有回执编号不能查看进度，请填写回执上的16位查询码。查询码遗失的，请拨打12315，告知回执编号"
    ),
    TrackingFault.UNKNOWN_CODE: _("没有找到这个查询码，请核对是否完整"),
    TrackingFault.OTHER_RECEIPT: _("回执编号与查询码不是同一件申请，请核对"),
}

PROPOSAL: Mapping[ProposalFault, tuple[str, Text]] = {
    ProposalFault.DECISION: ("decision", _("请选择决定；查询申请和维持决定不改变公示内容")),
    ProposalFault.REASON_CODE: ("reason_code", _("请选择与决定相符的原因代码")),
    ProposalFault.PUBLIC_REASON: ("public_reason", _("请填写公开说明，不超过200字")),
    ProposalFault.PUBLIC_REASON_PERSONAL: ("public_reason", _("公开说明里有手机号或证件号，请删去")),
    ProposalFault.REPLY: ("reply", _("请填写答复内容，10字以上、4000字以内")),
    ProposalFault.NO_EFFECT: ("decision", _("决定更正时，请至少改一项内容或者一件投诉")),
    ProposalFault.FIELD: ("corrections", _("请核对更正后的内容：金额写数字，不写个人信息")),
    ProposalFault.COMPLAINT: ("effects", _("所选投诉不属于这条公示信息")),
    ProposalFault.AMOUNT: ("effects", _("请填写正确的金额，例如3200.00")),
    ProposalFault.OUTCOME: ("effects", _("处理结果只能用于已办结的投诉")),
    ProposalFault.RESPONSE: ("admit_response", _("登载回应以前，请先核对材料并受理")),
}

STATES: Mapping[ApplicationState, Text] = {
    ApplicationState.FILED: _("待受理"),
    ApplicationState.UNDER_REVIEW: _("核实中"),
    ApplicationState.DECIDED: _("已答复"),
    ApplicationState.WITHDRAWN_BY_OPERATOR: _("申请人已撤回"),
}

CAUSES: Mapping[str, Text] = {
    "calendar": _("因节假日安排公布或调整"),
    "evidence_requested": _("因等待补正材料"),
    "evidence_received": _("因补正材料已收到"),
    "extended": _("因期限延长"),
}

FIELDS: Mapping[str, Text] = {
    "title": _("标题"),
    "operator.name": _("经营者"),
    "operator.address": _("地址"),
    "operator.scope": _("经营范围"),
    "complaints": _("投诉件数"),
    "accepted": _("受理件数"),
    "resolved": _("解决件数"),
    "mediations": _("调解件数"),
    "mediation_successes": _("调解成功件数"),
    "amount": _("涉及金额"),
    "recovered": _("挽回损失"),
    "goods": _("商品或服务"),
    "issue": _("案情摘要"),
    "result": _("处理结果"),
    "status": _("处理状态"),
    "outcome": _("调解结果"),
    "received_on": _("收到日期"),
    "accepted_on": _("受理日期"),
    "closed_on": _("办结日期"),
}


def field_name(field: str) -> Text | str:
    """Return the name of a content field of an item; the key itself for an unknown field."""
    return FIELDS.get(field, field)


def sort_fields(fields: Iterable[str]) -> list[str]:
    """Return fields in the order of the table, unknown ones last."""
    order = {field: index for index, field in enumerate(FIELDS)}
    return sorted(fields, key=lambda field: order.get(field, len(order)))


def is_money(field: str, value: str) -> bool:
    """Return whether the value of a field is an amount, to be formatted as money."""
    return field in MONEY_FIELDS and is_valid_value(field, value)


def filing_errors(faults: Iterable[FilingFault]) -> dict[str, Text]:
    """Return the message of each control, the first where there are several."""
    return _first_by_control(FILING[fault] for fault in faults)


def proposal_errors(faults: Iterable[ProposalFault]) -> dict[str, Text]:
    """Return the message of each control, the first where there are several."""
    return _first_by_control(PROPOSAL[fault] for fault in faults)


def evidence_results(rejected: Iterable[EvidenceRejected]) -> list[tuple[str, Text, bool]]:
    """Return a line per rejected file for the upload field: name, message, False for not accepted."""
    return [(file.name, EVIDENCE[file.fault], False) for file in rejected]


def _first_by_control(messages: Iterable[tuple[str, Text]]) -> dict[str, Text]:
    errors: dict[str, Text] = {}
    for control, message in messages:
        errors.setdefault(control, message)
    return errors
