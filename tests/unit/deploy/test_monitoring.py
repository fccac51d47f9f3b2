"""Scrape targets, alert rules and dashboards name only services and metrics that exist."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY, Counter, Gauge, Histogram

from deploy.grafana.__main__ import documents
from shared import metrics
from shared.settings import Settings

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
SERVICES = ("publisher", "intake", "stats", "corrections")
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "rules" / "gongshi.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
TESTS = (DEPLOY / "prometheus" / "tests" / "gongshi_test.yml").read_text(encoding="utf-8")
PANELS = json.loads((DEPLOY / "grafana" / "dashboards" / "overview.json").read_text(encoding="utf-8"))["panels"]
CHINESE = re.compile(r"[一-鿿]")


def exported() -> dict[str, set[str]]:
    """Return the names under which the metrics are exported, each with its labels."""
    suffixes = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    return {
        family.name + suffix: {*collector._labelnames, *(["le"] if suffix == "_bucket" else [])}  # type: ignore[attr-defined]
        for collector in set(REGISTRY._collector_to_names)
        if hasattr(collector, "_labelnames")
        for family in collector.describe()
        for suffix in suffixes.get(family.type, ("",))
    }


def metrics_in(expression: str) -> set[str]:
    """Return the metrics of ours that an expression names."""
    return set(re.findall(r"gongshi_[a-z_]+", expression))


def expressions() -> list[str]:
    """Return the expressions of all panels."""
    return [target["expr"] for panel in PANELS for target in panel.get("targets", [])]


def scraped() -> dict[str, list[str]]:
    config: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    return {job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]}


def test_every_service_is_scraped_at_its_default_port() -> None:
    jobs = scraped()

    assert {s: jobs[s] for s in SERVICES} == {s: [f"{s}:{Settings.model_fields[f'{s}_port'].default}"] for s in SERVICES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_names_metrics_that_exist(rule: dict[str, Any]) -> None:
    assert metrics_in(rule["expr"]) <= set(exported())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_is_described_in_chinese_and_english(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    for text in (rule["annotations"]["summary"], rule["annotations"]["description"]):
        chinese, english = text.split(" / ", 1)
        assert CHINESE.search(chinese)
        assert not CHINESE.search(english)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_has_a_test(rule: dict[str, Any]) -> None:
    assert rule["alert"] in TESTS


def test_the_dashboard_names_metrics_that_exist() -> None:
    assert {name for expression in expressions() for name in metrics_in(expression)} <= set(exported())


def test_every_metric_is_on_the_dashboard() -> None:
    charted = {name for expression in expressions() for name in metrics_in(expression)}
    exported_names = {name for name in exported() if name.startswith("gongshi_") and not name.endswith(("_sum", "_count"))}

    assert exported_names - charted == set()


def test_an_expression_groups_only_by_labels_that_its_metrics_have() -> None:
    labels = exported()

    for expression in [*expressions(), *(rule["expr"] for rule in RULES)]:
        for group in re.findall(r"by \(([^)]*)\)", expression):
            labels_used = {label.strip() for label in group.split(",")}
            assert labels_used <= set.union(*(labels[name] for name in metrics_in(expression))), expression


def test_the_committed_dashboard_is_up_to_date() -> None:
    stale = [path.name for path, text in documents().items() if path.read_text(encoding="utf-8") != text]

    assert stale == [], "run python -m deploy.grafana"


def test_dashboard_titles_are_in_chinese_and_english() -> None:
    for panel in PANELS:
        chinese, english = panel["title"].split(" / ")
        assert CHINESE.search(chinese)
        assert not CHINESE.search(english)


def test_every_metric_is_used_in_code() -> None:
    paths = [path for part in ("services", "shared") for path in (ROOT / part).rglob("*.py")]
    names = {name for name, value in vars(metrics).items() if isinstance(value, Counter | Gauge | Histogram)}

    used = {name for path in paths for name in metrics_used(ast.parse(path.read_text(encoding="utf-8")))}

    assert sorted(names - used) == []


def metrics_used(module: ast.Module) -> Iterator[str]:
    """Yield the names that a module imports from `shared.metrics` or reads as its attributes."""
    for node in ast.walk(module):
        match node:
            case ast.ImportFrom(module="shared.metrics", names=names):
                yield from (name.name for name in names)
            case ast.Attribute(value=ast.Name(id="metrics"), attr=attribute):
                yield attribute
