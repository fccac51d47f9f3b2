"""Codes by time are those of RFC 6238, for a step before and after; recovery codes are long, random and read however they are typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.accounts.second_factor import (
    RECOVERY_CODES,
    SecondProof,
    generate_recovery_codes,
    generate_seed,
    match_code,
    provisioning_uri,
    recovery_digest,
)

# RFC 6238, appendix B, SHA-1: the last six of its eight digits.
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [(1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]


def at(seconds: int) -> datetime:
    """Return the moment so many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_of_the_standard_match_for_a_step_before_and_after(seconds: int, code: str) -> None:
    for drift in (-30, 0, 30):
        assert match_code(SEED, code, at(seconds + drift)) == SecondProof(step=seconds // 30)
    for drift in (60, 90):
        assert not match_code(SEED, code, at(seconds + drift)).is_given


@pytest.mark.parametrize("typed", ["287 082", " 287082\n", "287-082"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert match_code(SEED, typed, at(59)).step == 1


@pytest.mark.parametrize("typed", ["", "28708", "2870820", "287083", "２８７０８２", "abcdef", "x" * 64])
def test_anything_else_proves_nothing(typed: str) -> None:
    assert not match_code(SEED, typed, at(59)).is_given


def test_recovery_codes_differ_and_are_read_in_any_case_without_their_dashes() -> None:
    codes = generate_recovery_codes()

    assert len(set(codes)) == RECOVERY_CODES
    for code in codes:
        digest = recovery_digest(code)
        for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " ")):
            assert match_code(SEED, typed, at(59)) == SecondProof(recovery=digest)


def test_an_authenticator_reads_seed_name_and_bureau() -> None:
    seed = generate_seed()

    assert seed != generate_seed()
    assert len(seed) == 32
    uri = provisioning_uri(seed, "xu.an", "云州市市场监督管理局")
    assert uri.startswith("otpauth://totp/")
    assert f"secret={seed}" in uri
    assert "xu.an" in uri
