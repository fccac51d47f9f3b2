"""Which browser the page tests take: the named one, else the first on the path that runs, else Playwright's."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.browser import BrowserMissing, find, main


def program(path: Path, exit_code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho Chromium 1\nexit {exit_code}\n", encoding="ascii")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on its path and nothing from Playwright's installer."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.delenv("GONGSHI_BROWSER", raising=False)
    return tmp_path


def test_the_named_browser_is_taken_before_the_one_on_the_path(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(machine / "bin" / "chromium")
    own = program(machine / "own" / "chrome")
    monkeypatch.setenv("GONGSHI_BROWSER", str(own))

    assert find() == own


def test_a_named_browser_that_does_not_run_is_not_replaced_silently(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(machine / "bin" / "chromium")
    monkeypatch.setenv("GONGSHI_BROWSER", str(machine / "absent"))

    with pytest.raises(BrowserMissing, match=r"GONGSHI_BROWSER names .*absent"):
        find()
    assert main() == 1


def test_a_program_that_only_points_to_a_snap_is_passed_over(machine: Path) -> None:
    program(machine / "bin" / "chromium-browser", exit_code=1)
    chrome = program(machine / "bin" / "google-chrome")

    assert find() == chrome


def test_the_newest_of_playwright_is_taken_when_the_path_has_none(machine: Path) -> None:
    program(machine / "playwright" / "chromium-1100" / "chrome-linux" / "chrome")
    newest = program(machine / "playwright" / "chromium-1200" / "chrome-linux64" / "chrome")

    assert find() == newest


def test_without_any_browser_it_says_what_to_do() -> None:
    with pytest.raises(BrowserMissing, match="install one with your package manager"):
        find()
