"""For which sources the holder of a key may send, and which names no source has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from deploy.cli.sources import sources
from services.intake.domain.keys import is_reserved, may_send_for

NAMES = st.text(st.sampled_from("/ab1-"), min_size=1, max_size=12)


@pytest.mark.parametrize("name", ["/", "//", "/gongshi", "/gongshi/intake", "/gongshi/stats/x"])
def test_a_reserved_name_gets_no_key_and_its_holder_sends_nothing(name: str) -> None:
    answer = CliRunner().invoke(sources, ["add", name])

    assert answer.exit_code != 0
    assert "No source may be called that" in str(answer.exception)
    assert not may_send_for(name, name)
    assert not may_send_for(name, f"{name}/x")


def test_a_holder_sends_for_itself_and_for_what_is_below_it_only() -> None:
    assert may_send_for("/hotlines/12345", "/hotlines/12345")
    assert may_send_for("/hotlines/12345", "/hotlines/12345/330100")
    assert not may_send_for("/hotlines/12345", "/hotlines/123456")
    assert not may_send_for("/hotlines/12345", "/hotlines")
    assert not may_send_for("/gong", "/gongshi/intake")


@pytest.mark.parametrize(
    ("holder", "source", "may"),
    [
        ("/hotlines", "/hotlines/12345", False), ("/hotlines", "/hotlines/12345/330100", False), ("/hotlines", "/hotlines/12315", True),
        ("/hotlines", "/hotlines/123456", True), ("/hotlines/12345", "/hotlines/12345/330100", True),
    ],
)  # fmt: skip
def test_the_longest_name_with_a_key_decides(holder: str, source: str, may: bool) -> None:  # noqa: FBT001
    assert may_send_for(holder, source, ("/hotlines", "/hotlines/12345")) is may


@given(NAMES, NAMES)
def test_no_holder_covers_two_names_of_which_neither_is_below_it(holder: str, source: str) -> None:
    if may_send_for(holder, source):
        assert source.startswith(holder.rstrip("/"))
        assert not is_reserved(holder)
