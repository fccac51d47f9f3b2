import pytest
from markupsafe import escape

from shared.web.typesetting import break_name, break_title, has_chinese, join_units, mark_chinese


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("投诉8,642件，受理8,105件", ["8,642件", "8,105件"]),
        ("2026年9月基本投诉", ["2026年9月"]),
        ("2026年10月9日发布，10月21日前答复", ["2026年10月9日", "10月21日"]),
        ("编号GS-2026-0533，2026-10-09 08:00", ["GS-2026-0533", "2026-10-09 08:00"]),
        ("15个工作日内，占38.5%", ["15个工作日", "38.5%"]),
        ("信用代码91990102MA9K08RC3G", ["91990102MA9K08RC3G"]),
        ("挽回1,286.4万元", ["1,286.4万元"]),
        ("没有数字", []),
    ],
)
def test_numbers_with_units_dates_and_codes_stay_whole(text, runs):
    html = join_units(text)

    assert html.replace('<span class="nb">', "").replace("</span>", "") == text
    assert [part.split("</span>")[0] for part in html.split('<span class="nb">')[1:]] == runs


def test_text_is_escaped():
    assert join_units("<b>3件</b>") == '&lt;b&gt;<span class="nb">3件</span>&lt;/b&gt;'


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("云州锦程通讯器材有限公司", "云州锦程<wbr>通讯器材<wbr>有限公司"),
        ("云州木棉服饰有限公司", "云州木棉<wbr>服饰<wbr>有限公司"),
        ("云州安途汽车销售服务有限责任公司湖东分公司", "云州安途<wbr>汽车销售服务<wbr>有限责任公司湖东分公司"),
        ("Acme <Ltd>", "Acme &lt;Ltd&gt;"),
        ("有限公司", "有限公司"),
        ("", ""),
    ],
)
def test_a_company_name_breaks_at_its_joints(name, broken):
    assert break_name(name) == broken


@pytest.mark.parametrize(
    ("title", "broken"),
    [
        ("家用轿车价格争议：云州安途汽车销售服务有限公司", "家用轿车价格争议：<wbr>云州安途<wbr>汽车销售服务<wbr>有限公司"),
        ("城市越野车合同与退款争议：云州木棉有限公司", "城市越野车合同与退款<wbr>争议：<wbr>云州木棉<wbr>有限公司"),
        ("2026年9月基本投诉：木棉", '<span class="nb">2026年9月</span>基本投诉：<wbr>木棉'),
        ("假期租车退订争议增多", "假期租车退订争议增多"),
        ("<b>争议：A & B", "&lt;b&gt;争议：<wbr>A &amp; B"),
    ],
)
def test_a_title_breaks_after_its_colon_and_at_the_joints_of_the_name(title, broken):
    assert break_title(title) == broken


def test_chinese_in_a_text_is_noticed():
    assert has_chinese("¥3 元")
    assert not has_chinese("¥36,800.00")


def test_chinese_in_another_language_is_marked_up_to_its_full_stop():
    html = mark_chinese("Basic complaints: 云州示例有限公司; 涉及金额3元。 <b>", escape)

    assert html == ('Basic complaints: <span lang="zh-Hans">云州示例有限公司; 涉及金额3元。</span> &lt;b&gt;')


def test_a_text_without_chinese_is_left_as_it_is():
    assert mark_chinese("12 of 30", escape) == "12 of 30"
