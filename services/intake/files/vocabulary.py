"""What the mappings that ship know: which field a heading mostly means, and what its words mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from services.intake.files.mapping import SourceMapping, Target
from services.intake.files.mapping_file import SHIPPED, list_shipped, load_mapping
from shared.tables.headings import normalize_heading

# Headings that are common and in no mapping that ships.
MORE = {
    "operator.name": ("经营者名称", "商家名称", "被投诉企业", "被投诉人", "涉事主体", "主体名称", "公司名称"),
    "operator.uscc": ("统一社会信用代码", "社会信用代码", "统一信用代码"),
    "operator.address": ("经营者地址", "商家地址"),
    "complainant.name": ("投诉人", "投诉人姓名", "姓名", "市民称呼"),
    "complainant.phone": ("联系电话", "联系方式", "手机", "手机号码"),
    "complainant.id_number": ("身份证号", "身份证号码"),
    "complainant.consents_to_publish": ("是否同意公示", "是否同意公示投诉信息"),
    "external_id": ("投诉编号", "流水号", "业务编号"),
    "received_at": ("投诉时间", "接收时间", "登记日期", "提交时间", "受理时间"),
    "text": ("投诉内容", "内容", "市民诉求", "诉求描述"),
    "title": ("标题", "主题"),
    "status": ("状态", "处理状态", "办理状态"),
    "outcome": ("处理结果", "调解结果"),
    "amount": ("涉案金额", "金额", "消费金额"),
    "office": ("承办部门", "办理单位", "受理部门"),
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Fields by normalized heading; what words mean, by field; the mappings by name."""

    fields: Mapping[str, str]
    values: Mapping[str, Mapping[str, Target]]
    mappings: Mapping[str, SourceMapping]


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """Return what the mappings that ship know; of several meanings the one that most of them share."""
    mappings = {name: load_mapping(SHIPPED / f"{name}.yaml") for name in list_shipped()}
    votes: dict[str, Counter[str]] = {}
    values: dict[str, dict[str, Target]] = {}
    for mapping in mappings.values():
        for field in mapping.columns:
            for heading in mapping.headings_of(field):
                votes.setdefault(normalize_heading(heading), Counter())[field] += 1
        for field, words in mapping.values.items():
            values.setdefault(field, {}).update(words)
    fields = {normalize_heading(heading): field for field, headings in MORE.items() for heading in headings}
    fields |= {heading: counts.most_common(1)[0][0] for heading, counts in votes.items()}
    return Vocabulary(fields, values, mappings)
