"""Who may report over Kafka in whose name."""

import pytest

from services.intake.domain.signatures import SignaturePolicy, sign

HANGZHOU, KEY, ANOTHER = "/hotlines/12345/330100", b"k" * 32, b"a" * 32
BODY = b'{"external_id": "1"}'


def fault(policy: SignaturePolicy, source: str, signature: str | None) -> str | None:
    found = policy.find_fault(source, "e1", BODY, signature.encode() if signature is not None else None)
    return found.code if found else None


def test_a_source_that_signs_is_believed_with_its_signature_only() -> None:
    policy = SignaturePolicy({HANGZHOU: (KEY,)}, ("*",))

    assert fault(policy, HANGZHOU, sign(KEY, HANGZHOU, "e1", BODY)) is None
    for wrong in (
        None,
        "",
        "字",
        sign(ANOTHER, HANGZHOU, "e1", BODY),
        sign(KEY, HANGZHOU, "e2", BODY),
        sign(KEY, HANGZHOU, "e1", b""),
    ):
        assert fault(policy, HANGZHOU, wrong) == "wrong_source"


def test_each_key_that_holds_is_believed_and_without_any_nothing_is() -> None:
    policy = SignaturePolicy({HANGZHOU: (KEY, ANOTHER)}, ("*",))

    assert [fault(policy, HANGZHOU, sign(key, HANGZHOU, "e1", BODY)) for key in (KEY, ANOTHER)] == [None, None]
    assert fault(SignaturePolicy({HANGZHOU: ()}, ("*",)), HANGZHOU, sign(KEY, HANGZHOU, "e1", BODY)) == "wrong_source"


def test_names_below_it_are_its_own_and_the_longest_name_decides() -> None:
    below = f"{HANGZHOU}/desk"
    policy = SignaturePolicy({HANGZHOU: (KEY,), below: (ANOTHER,)}, ("*",))

    assert fault(policy, f"{HANGZHOU}/other", sign(KEY, f"{HANGZHOU}/other", "e1", BODY)) is None
    assert fault(policy, below, sign(KEY, below, "e1", BODY)) == "wrong_source"
    assert fault(policy, below, sign(ANOTHER, below, "e1", BODY)) is None


@pytest.mark.parametrize(
    ("unsigned", "expected"),
    [(("*",), None), (("/hotlines",), None), ((HANGZHOU,), None), ((), "unsigned_source"), (("/platform",), "unsigned_source")],
)
def test_who_does_not_sign_is_taken_where_the_setting_says_so(unsigned: tuple[str, ...], expected: str | None) -> None:
    assert fault(SignaturePolicy({}, unsigned), HANGZHOU, None) == expected


def test_nothing_is_checked_where_nobody_signs_and_nobody_must() -> None:
    assert SignaturePolicy({}, ("*",)).is_void
    assert not SignaturePolicy({}, ()).is_void
    assert not SignaturePolicy({HANGZHOU: (KEY,)}, ("*",)).is_void
