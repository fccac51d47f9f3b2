"""The shipped rules are whole, and a broken rules file says what to mend."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from shared.contracts import ApplicationKind, Board, Decision
from shared.rules import DayUnit, MajorGround, RuleBook, RulesError

SHIPPED = Path(__file__).parents[3] / "deploy" / "rules" / "gongshi.yaml"
BOOK = RuleBook.load(SHIPPED)
TODAY = date(2026, 10, 9)

Change = Callable[[dict[str, Any]], object]


def test_the_shipped_rules_are_in_force() -> None:
    rules = BOOK.in_force(TODAY)

    assert rules.version == "2026-04-15"
    assert set(rules.boards) == set(Board)
    assert rules.applications.reply_workdays == 15
    assert (rules.rates.list_minimum, rules.rates.card_minimum, rules.rates.small_cell) == (30, 10, 5)


def test_open_numbers_are_marked_as_unverified() -> None:
    rules = BOOK.in_force(TODAY)

    assert rules.verified
    assert not rules.applications.verified
    assert not rules.rates.verified


def test_every_decision_has_its_own_reasons() -> None:
    rulings = BOOK.in_force(TODAY).applications.rulings

    assert [{code[0] for code in rulings[decision]} for decision in Decision] == [{"K"}, {"C"}, {"W"}]


def test_a_query_cannot_change_what_is_published() -> None:
    applications = BOOK.in_force(TODAY).applications

    assert applications.allowed_decisions(ApplicationKind.QUERY) == (Decision.UPHELD,)
    assert applications.allowed_decisions(ApplicationKind.CORRECTION) == tuple(Decision)


@pytest.mark.parametrize(
    ("amount", "category", "text", "ground"),
    [
        (Decimal("50000.00"), None, "", MajorGround.AMOUNT),
        (Decimal("49999.99"), "quality", "退款", None),
        (None, "quality.safety", "", MajorGround.HARM),
        (None, None, "食用后中毒住院", MajorGround.HARM),
        (None, None, "", None),
    ],
)
def test_a_complaint_is_major_by_amount_or_by_harm(
    amount: Decimal | None, category: str | None, text: str, ground: MajorGround | None
) -> None:
    assert BOOK.in_force(TODAY).major.ground(amount=amount, category=category, text=text) is ground


def test_a_code_has_words_in_both_languages() -> None:
    reason = BOOK.in_force(TODAY).reason("C02")

    assert reason is not None
    assert (reason.words("zh"), reason.words("en")) == ("录入差错", "Data entry error")
    assert BOOK.in_force(TODAY).reason("Z99") is None


def test_the_version_in_force_follows_the_day(tmp_path: Path) -> None:
    book = RuleBook.load(_changed(tmp_path, _with_second_version))

    assert book.in_force(date(2026, 6, 30)).version == "2018-01-01"
    assert book.in_force(date(2026, 7, 1)).version == "2026-07-01"
    assert book.version("2018-01-01").effective_from == date(2018, 1, 1)


def test_rules_cannot_be_changed_in_memory() -> None:
    with pytest.raises(ValidationError):
        BOOK.in_force(TODAY).applications.reply_workdays = 99


def test_a_day_before_the_first_version_has_no_rules() -> None:
    with pytest.raises(RulesError, match="add the version that was in force before"):
        BOOK.in_force(date(2017, 12, 31))


def test_a_version_that_decisions_rest_on_must_stay_in_the_file() -> None:
    with pytest.raises(RulesError, match="put it back"):
        BOOK.version("1999")


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        (lambda rules: rules["boards"].pop("major"), "boards lacks major"),
        (lambda rules: rules["boards"].update(sixth=rules["boards"]["other"]), "versions.0.boards.sixth"),
        (lambda rules: rules["boards"]["basic"].update(reviewers=0), "versions.0.boards.basic.reviewers"),
        (lambda rules: rules["boards"]["basic"].update(reviewers="1"), "versions.0.boards.basic.reviewers"),
        (lambda rules: rules["applications"].update(reply_days=15), "versions.0.applications.reply_days"),
        (lambda rules: rules["applications"].pop("citation"), "versions.0.applications.citation"),
        (lambda rules: rules["applications"]["rulings"].pop("upheld"), "no reasons for upheld"),
        (
            lambda rules: rules["applications"]["rulings"]["upheld"].update(
                C02=rules["applications"]["rulings"]["corrected"]["C02"]
            ),
            "uses C02 for two decisions",
        ),
        (lambda rules: rules["major"].update(amount_from="-1"), "versions.0.major.amount_from"),
        (lambda rules: rules.update(effective_from="soon"), "versions.0.effective_from"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, change: Change, advice: str) -> None:
    path = _changed(tmp_path, lambda document: change(document["versions"][0]))

    with pytest.raises(RulesError, match=advice):
        RuleBook.load(path)


def test_versions_out_of_order_are_refused(tmp_path: Path) -> None:
    path = _changed(tmp_path, _with_versions_reversed)

    with pytest.raises(RulesError, match="put versions in order"):
        RuleBook.load(path)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("versions: []\nversions: []\n", encoding="utf-8")

    with pytest.raises(RulesError, match="stands twice"):
        RuleBook.load(path)


def test_a_missing_file_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="GONGSHI_RULES"):
        RuleBook.load(tmp_path / "absent.yaml")


def test_a_version_names_only_what_it_changes(tmp_path: Path) -> None:
    change = {"version": "2026-07-01", "effective_from": date(2026, 7, 1), "citation": "某办发〔2026〕1号"}
    basic = {"term_months": 6, "citation": "某办发〔2026〕1号第三条"}
    path = _changed(tmp_path, lambda document: document["versions"].append(change | {"boards": {"basic": basic}}))

    book = RuleBook.load(path)
    before, after = book.versions[-2:]

    assert (after.boards[Board.BASIC].term_months, after.boards[Board.BASIC].citation) == (6, "某办发〔2026〕1号第三条")
    assert after.boards[Board.BASIC].reviewers == before.boards[Board.BASIC].reviewers
    assert after.boards[Board.MAJOR] == before.boards[Board.MAJOR]
    assert (after.handling, after.citation) == (before.handling, "某办发〔2026〕1号")


@pytest.mark.parametrize("own", ["version", "effective_from", "citation"])
def test_a_version_does_not_take_over_what_the_one_before_says_of_itself(tmp_path: Path, own: str) -> None:
    change = {"version": "2026-07-01", "effective_from": date(2026, 7, 1), "citation": "某办发〔2026〕1号"}
    del change[own]
    path = _changed(tmp_path, lambda document: document["versions"].append(change))

    with pytest.raises(RulesError, match=rf"versions\.4\.{own}: Field required"):
        RuleBook.load(path)


def test_a_rule_that_changes_names_what_it_rests_on(tmp_path: Path) -> None:
    change = {"version": "2026-07-01", "effective_from": date(2026, 7, 1), "citation": "某办发〔2026〕1号"}
    path = _changed(tmp_path, lambda document: document["versions"].append(change | {"applications": {"reply_workdays": 20}}))

    with pytest.raises(RulesError, match=r"versions\.4\.applications: changes a rule .* names no citation"):
        RuleBook.load(path)


def test_a_file_of_before_without_time_limits_of_handling_is_whole(tmp_path: Path) -> None:
    def without_handling(document: dict[str, Any]) -> None:
        for version in document["versions"]:
            version.pop("handling", None)

    book = RuleBook.load(_changed(tmp_path, without_handling))

    assert [rules.handling for rules in book.versions] == [None] * len(book.versions)
    assert book.versions[-1].reason("N01") is not None
    assert BOOK.in_force(date(2018, 1, 1)).handling is None


def test_faults_come_with_their_lines_and_once() -> None:
    text = SHIPPED.read_text(encoding="utf-8").replace('amount_from: "50000.00"', "amount_from: viel", 1)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "viel" in each)

    with pytest.raises(RulesError) as refused:
        _load_text(text)

    assert [(fault.line, fault.rule) for fault in refused.value.faults] == [(line, "major.amount_from")]


@pytest.mark.parametrize(
    "text", ["", "[]", "versions: 1", "versions: [1, 2]", "versions:\n  - 1: 2", "versions: {}", "2026: x"]
)
def test_a_file_of_another_form_is_told_so(text: str) -> None:
    with pytest.raises(RulesError) as refused:
        _load_text(text)

    assert refused.value.faults


def test_yaml_that_cannot_be_read_is_told_with_its_line() -> None:
    with pytest.raises(RulesError) as refused:
        _load_text("versions:\n  - a: [1\n  - b: 2\n")

    assert [fault.line for fault in refused.value.faults] == [3]


def test_each_time_has_its_limits_and_numbers() -> None:
    before, after = BOOK.in_force(date(2026, 4, 14)), BOOK.in_force(date(2026, 4, 15))

    assert (before.handling.mediation.days, before.handling.mediation.unit) == (45, DayUnit.WORKDAYS)
    assert (after.handling.mediation.days, after.handling.mediation.unit) == (60, DayUnit.DAYS)
    assert [len(codes) for codes in (before.handling.rejections, before.handling.terminations)] == [6, 7]
    assert [len(codes) for codes in (after.handling.rejections, after.handling.terminations)] == [7, 8]
    assert before.boards[Board.PENALTIES].verified


def _load_text(text: str) -> RuleBook:
    with NamedTemporaryFile(suffix=".yaml") as file:
        Path(file.name).write_text(text, encoding="utf-8")
        return RuleBook.load(Path(file.name))


def _with_second_version(document: dict[str, Any]) -> None:
    second = document["versions"][0] | {"version": "2026-07-01", "effective_from": date(2026, 7, 1)}
    document["versions"] = [document["versions"][0], second]


def _with_versions_reversed(document: dict[str, Any]) -> None:
    _with_second_version(document)
    document["versions"].reverse()


def _changed(folder: Path, change: Change) -> Path:
    document = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    change(document)
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return path
