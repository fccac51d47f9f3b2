"""What would act in a response is found, and what is only shown is not."""

from __future__ import annotations

from tests.active_parts import active_parts

MARK = "zq9mark"


def test_the_walk_finds_what_is_active():
    page = f'<p title="{MARK}">{MARK}</p><img src=x onerror={MARK}()><script>{MARK}()</script><a href="javascript:{MARK}">x</a>'

    assert len(list(active_parts("text/html", page.encode(), MARK))) == 3
    assert list(active_parts("text/csv", f"a,=1+{MARK}\n".encode(), MARK)) == [f"a formula: =1+{MARK}"]
    assert list(active_parts("application/json", b"{", MARK)) == ["not readable"]
    assert list(active_parts("application/atom+xml", b"<feed>", MARK)) == ["not readable"]
    assert list(active_parts("text/html", f"<p>{MARK} &lt;script&gt;</p>".encode(), MARK)) == []
