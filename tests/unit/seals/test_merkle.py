"""Merkle trees: the published test vectors of RFC 6962's reference implementation, and every proof of small trees."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.seals.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
    tree_root,
)

# The leaves and roots that certificate-transparency's own tests use.
LEAVES = [bytes.fromhex(each) for each in ("", "00", "10", "2021", "3031", "40414243")]
LEAVES += [bytes.fromhex("5051525354555657"), bytes.fromhex("606162636465666768696a6b6c6d6e6f")]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
SIZES = range(1, 20)


def hashes(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


@pytest.mark.parametrize("size", ROOTS)
def test_roots_are_the_published_ones(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)

    assert frontier.root().hex() == ROOTS[size]
    assert tree_root([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


def test_an_entry_of_every_tree_is_proved_and_another_one_is_not() -> None:
    for size in SIZES:
        leaves = hashes(size)
        root = tree_root(leaves)
        for index in range(size):
            path = inclusion_path(leaves, index)
            assert is_included(leaves[index], index, size, path, root)
            assert not is_included(leaf_hash(b"forged"), index, size, path, root)
            assert not is_included(leaves[index], (index + 1) % size, size, path, root) or size == 1
            assert not is_included(leaves[index], index, size, [*path, root], root)


def test_growth_of_every_tree_is_proved_and_a_rewritten_beginning_is_not() -> None:
    for size in SIZES:
        leaves = hashes(size)
        for old_size in range(1, size + 1):
            old_root, root, path = tree_root(leaves[:old_size]), tree_root(leaves), consistency_path(leaves, old_size)
            assert is_consistent(old_size, old_root, size, root, path)
            assert not is_consistent(old_size, leaf_hash(b"forged"), size, root, path)
            rewritten = tree_root([leaf_hash(b"forged"), *leaves[1:]])
            assert not is_consistent(old_size, old_root, size, rewritten, path) or rewritten == root


def test_every_tree_begins_empty() -> None:
    assert is_consistent(0, EMPTY_ROOT, 3, tree_root(hashes(3)), [])
    assert not is_consistent(0, hashlib.sha256(b"x").digest(), 3, tree_root(hashes(3)), [])


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_a_growing_tree_has_the_root_of_the_whole_one(leaves: list[bytes]) -> None:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)

    assert frontier.root() == tree_root([leaf_hash(leaf) for leaf in leaves])
