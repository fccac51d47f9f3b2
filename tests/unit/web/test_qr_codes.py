import re

from shared.web.qr_codes import qr_svg


def test_a_code_is_inline_named_and_has_its_quiet_zone():
    svg = qr_svg("https://gongshi.example/items/GS-2026-0912", '本页"二维码"')

    assert svg.startswith('<svg role="img" aria-label="本页&#34;二维码&#34;" ')
    assert "width=" not in svg
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    assert size % 4 == 1
    assert re.search(r"<path[^>]* d=\"M4 4\.5h7", svg)
