"""Signed events: what the key did not sign, or was changed, or stands elsewhere, is not taken."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.figures import FIGURES
from shared.contracts.rulings import RULINGS
from shared.ed25519_keys import UnusableKey
from shared.settings import Settings
from shared.stream.record import DeadLetterReason, RefusedRecord, SkippedRecord
from shared.stream.signature import HEADER, load_signer, load_verifier, make_keys
from shared.stream.subscription import FORGED, subscribe

HEADERS = (("ce_id", b"7"), ("ce_type", b"gongshi.ruling.made.v1"), ("ce_source", b"/gongshi/corrections"), ("ce_time", b"now"))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a process that signs and verifies."""
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder / "private", folder / "public")
    return Settings(rulings_key=folder / "private", rulings_public_key=folder / "public")


def record(keys, *, value=b"{}", key=b"GS-1", headers=HEADERS, topic=RULINGS):
    signature = load_signer(keys).sign(topic, headers, key, value)
    return SimpleNamespace(topic=topic, partition=0, offset=0, key=key, value=value, headers=[*headers, (HEADER, signature)])


def changed(signed, **fields):
    return SimpleNamespace(**{**vars(signed), **fields})


def test_a_signed_record_is_taken(keys):
    assert load_verifier(keys, RULINGS).verify(RULINGS, record(keys))


@given(value=st.binary(max_size=20), key=st.binary(max_size=20))
def test_another_value_or_key_is_not_taken(keys, value, key):
    signed, verifier = record(keys), load_verifier(keys, RULINGS)

    taken = verifier.verify(RULINGS, changed(signed, value=value, key=key))

    assert taken == (value == signed.value and key == signed.key)


@pytest.mark.parametrize("header", ["ce_id", "ce_type", "ce_source", "ce_time"])
def test_another_header_is_not_taken(keys, header):
    signed = record(keys)
    headers = [(name, b"another" if name == header else value) for name, value in signed.headers]

    assert not load_verifier(keys, RULINGS).verify(RULINGS, changed(signed, headers=headers))


def test_a_record_of_another_topic_or_key_or_without_signature_is_not_taken(keys, tmp_path: Path):
    make_keys(tmp_path / "private", tmp_path / "public")
    another = Settings(rulings_key=tmp_path / "private")
    verifier = load_verifier(keys, RULINGS)

    assert not verifier.verify(RULINGS, record(keys, topic=FIGURES))
    assert not verifier.verify(RULINGS, record(another))
    assert not verifier.verify(RULINGS, changed(record(keys), headers=list(HEADERS)))
    assert not verifier.verify(RULINGS, changed(record(keys), headers=[*HEADERS, (HEADER, "字".encode())]))


def test_a_forged_record_is_refused_before_it_is_read_and_a_signed_one_is_read(keys):
    subscription = replace(subscribe(RULINGS, {}), verifier=load_verifier(keys, RULINGS))

    forged = subscription.decode(changed(record(keys), headers=list(HEADERS)))
    signed = subscription.decode(record(keys))

    assert isinstance(forged, RefusedRecord)
    assert (forged.reason, forged.findings) == (DeadLetterReason.INVALID, (FORGED,))
    assert isinstance(signed, SkippedRecord)


def test_only_rulings_are_signed_and_a_process_without_keys_does_neither(keys):
    assert load_verifier(keys, FIGURES) is None
    assert load_verifier(Settings(), RULINGS) is None
    assert load_signer(Settings()) is None


def test_a_file_that_is_no_key_is_named(tmp_path: Path):
    (tmp_path / "key").write_text("no key")

    with pytest.raises(UnusableKey, match=str(tmp_path / "key")):
        load_signer(Settings(rulings_key=tmp_path / "key"))


def test_keys_are_made_once_and_the_private_one_is_for_its_owner(tmp_path: Path):
    private, public = tmp_path / "keys" / "private", tmp_path / "keys" / "public"
    make_keys(private, public)
    first = private.read_bytes()
    make_keys(private, public)

    assert private.read_bytes() == first
    assert private.stat().st_mode & 0o777 == 0o600
