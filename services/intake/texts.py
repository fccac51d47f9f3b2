"""The desk's texts of findings: one per code, with what to correct."""

from __future__ import annotations

from collections.abc import Mapping

from shared.web.i18n import Text, _

FINDING_TEXTS: Mapping[str, Text] = {
    "missing": _("缺少必填内容"),
    "empty": _("内容为空"),
    "wrong_type": _("数据类型不对"),
    "unknown_value": _("不在允许的取值范围内"),
    "bad_date": _("日期或时间格式不对，须带时区"),
    "in_future": _("时间晚于现在"),
    "too_old": _("时间早于1990年"),
    "negative": _("金额不能为负数"),
    "not_decimal": _("金额须为数字，最多两位小数"),
    "out_of_range": _("数值超出范围"),
    "too_long": _("文字过长"),
    "too_large": _("整条超过1MiB"),
    "too_deep": _("JSON嵌套过深"),
    "control_character": _("含有控制字符"),
    "bad_json": _("不是有效的JSON"),
    "bad_encoding": _("不是有效的UTF-8"),
    "bad_base64": _("不是以Base64编码的报告"),
    "envelope": _("不符合CloudEvents 1.0"),
    "unknown_type": _("事件类型未知"),
    "foreign_source": _("密钥属于其他来源"),
    "wrong_source": _("签名与来源不符"),
    "unsigned_source": _("该来源未签名，不予接收"),
    "conflict": _("同一版本号内容不同，请提高版本号"),
    "superseded": _("已有更新的版本"),
    "redaction_failed": _("个人信息未能去除，标题和内容已隐去"),
    "lost_digits": _("数字位数已丢失，请把该列设为文本"),
    "bad_row": _("列数与表头不一致"),
    "bad_quote": _("引号未成对"),
    "cell_error": _("单元格显示为错误值，请更正公式"),
    "day_number": _("这是日期的序号，请把该列设为日期格式"),
    "not_calculated": _("公式尚未计算，请用Excel或WPS打开并保存后再导入"),
    "bad_uscc": _("信用代码应为18位，且校验位须相符"),
    "unprocessable": _("处理出错，记录已保留"),
    "invalid": _("不符合报送规范"),
}

REASON_TEXTS: Mapping[str, Text] = {
    "undecodable": _("无法读取"),
    "invalid": _("内容不合规范"),
    "unknown_type": _("事件类型未知"),
    "conflict": _("版本冲突"),
    "redaction_failed": _("脱敏失败，文字已隐去"),
    "rejected_by_store": _("数据库未接受"),
    "unprocessable": _("处理出错"),
}

ENTRANCE_TEXTS: Mapping[str, Text] = {
    "http": _("接口报送"),
    "file": _("文件导入"),
    "desk": _("窗口登记"),
}


def finding_text(code: str) -> Text:
    """Return the text of a finding code."""
    return FINDING_TEXTS.get(code, FINDING_TEXTS["invalid"])
