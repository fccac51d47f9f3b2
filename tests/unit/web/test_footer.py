"""The footer of public pages says what the settings say, and nothing where they say nothing."""

from __future__ import annotations

import re

from services.publisher.app import create_app
from shared.settings import Settings

FILED = {
    "bureau_address": "云州市湖东区市民中心1号",
    "bureau_phone": "0999-12345678",
    "icp_filing": "云ICP备00000000号",
    "police_filing": "云公网安备00000000000000号",
    "site_code": "9901000001",
}


def footer(language: str = "zh", **settings: str) -> str:
    pages = create_app(Settings.model_validate(settings)).state.pages
    environment = pages._environments[language]
    return environment.from_string("{{ ui.site_footer() }}").render()


def test_every_filing_of_the_settings_stands_in_the_footer() -> None:
    for language in ("zh", "en"):
        text = re.sub(r"<[^>]+>", "", footer(language, **FILED))
        assert [value for value in FILED.values() if value not in text] == []


def test_what_is_not_set_leaves_no_label_behind() -> None:
    text = footer()

    assert [label for label in ("地址", "电话", "标识码", "beian") if label in text] == []
    assert "主办" in text
    assert "/privacy" in text
    assert "/sitemap" in text
