"""The reference tables: every code has both names, children have parents, and the samples use nothing else."""

from deploy.samples.phrases import topics, trades
from shared.reference import categories, districts, industries, regions


def test_the_city_has_nine_districts_with_residents_and_a_tile_each():
    assert len(districts()) == 9
    assert len({region.tile for region in districts()}) == 9
    assert sum(region.residents for region in districts()) == regions()["990100"].residents


def test_region_codes_are_shaped_like_gb_t_2260_and_no_province_has_their_number():
    assert all(len(code) == 6 and code.startswith("99") for code in regions())


def test_parents_come_before_their_children():
    for table in (regions(), categories()):
        known = set()
        for entry in table.values():
            assert entry.parent is None or entry.parent in known
            known.add(entry.code)


def test_every_entry_has_a_chinese_and_an_english_name():
    for table in (regions(), industries(), categories()):
        assert all(entry.zh and entry.en.isascii() for entry in table.values())


def test_the_samples_know_every_industry_and_only_known_categories():
    assert set(trades()) == set(industries())
    assert set(topics()) <= set(categories())
    assert all(set(trade.mix) <= set(topics()) for trade in trades().values())
