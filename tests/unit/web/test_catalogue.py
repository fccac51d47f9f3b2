import pytest

from shared.web import catalogue
from shared.web.catalogue import SHARED
from shared.web.vocabulary import FAMILIES
from tests.unit.web.sample.pages import SAMPLE


@pytest.mark.parametrize("root", [SHARED, SAMPLE], ids=["shared", "sample"])
def test_every_text_has_its_english(root):
    assert catalogue.find_untranslated(root) == []


@pytest.mark.parametrize("root", [SHARED, SAMPLE], ids=["shared", "sample"])
def test_no_translation_is_left_of_a_removed_text(root):
    assert catalogue.find_unused(root) == []


def test_texts_are_found_in_templates_code_and_plurals(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        "{{ _('甲') }}{% trans n=1 %}乙{{ n }}{% pluralize %}乙们{{ n }}{% endtrans %}{% trans %}丙的95%{% endtrans %}"
    )
    (tmp_path / "web.py").write_text('text = _("丁%(n)s", n=1)\n')

    assert set(catalogue.extract_messages(tmp_path)) == {"甲", ("乙%(n)s", "乙们%(n)s"), "丙的95%%", "丁%(n)s"}
    assert catalogue.find_untranslated(tmp_path) == ["丁%(n)s", "丙的95%%", "乙%(n)s", "甲"]


def test_an_update_preserves_translations_and_removes_unused_ones(tmp_path):
    po = tmp_path / "locale" / "en" / "LC_MESSAGES" / "messages.po"
    po.parent.mkdir(parents=True)
    po.write_text('msgid "甲"\nmsgstr "A"\n\nmsgid "旧"\nmsgstr "old"\n')
    (tmp_path / "web.py").write_text('a, b, c = _("甲"), _("乙"), _("首页")\n')

    missing = catalogue.update_catalogue(tmp_path)

    assert missing == 1
    assert catalogue.find_untranslated(tmp_path) == ["乙"]
    assert catalogue.find_unused(tmp_path) == []
    assert "首页" not in po.read_text()


def test_every_code_of_the_contracts_has_a_word():
    from shared.accounts import Role
    from shared.contracts.publications import Board, ItemState
    from shared.contracts.reports import Channel, Kind, Ledger, Outcome, Status
    from shared.contracts.rulings import ApplicationKind, Decision
    from shared.rules import Drafter

    enums = {"board": Board, "state": ItemState, "channel": Channel, "kind": Kind, "ledger": Ledger, "status": Status,
             "outcome": Outcome, "application": ApplicationKind, "decision": Decision, "role": Role, "office": Drafter}  # fmt: skip

    assert {(family, code) for family, enum in enums.items() for code in enum if code not in FAMILIES[family]} == set()
