"""Numbers of identity documents by their check digit and birth date; no table of counties, which changes every year.

The citizen identity number (公民身份号码, GB 11643-1999), the residence permits of Hong Kong, Macao and Taiwan residents
(81…, 82…, 83…) and the permanent resident card of foreigners since 2023 (9…) share one form: 17 digits, of which the 7th to
14th are the birth date, and a check character by ISO 7064 MOD 11-2.
"""

from __future__ import annotations

import re
from datetime import date

LENGTH = 18
OLD_LENGTH = 15
EARLIEST_BIRTH_YEAR = 1900
# No one who complains, or whose number stands in a complaint, is younger: the last years are the days of order numbers.
MIN_AGE_YEARS = 4
# Numbers of 15 digits have a year of two digits; they were issued until 1999, and the days of order numbers are recent.
RECENT_YEARS = 10
MAX_AGE_YEARS = 110

_DIGITS = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
_WEIGHTS = tuple(pow(2, 17 - position, 11) for position in range(17))
_CHECK_CHARACTERS = "10X98765432"
# The first two digits of the codes of provinces (GB/T 2260), for the forms that have no check character of their own.
_PROVINCES = frozenset(
    str(code)
    for codes in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66), (71, 81, 82, 83))
    for code in codes
)


def is_identity_number(text: str, year: int) -> bool:
    """Return whether the 18 characters are an identity number in a complaint of `year`: birth date and check character fit."""
    return has_birth_date(text, year) and text[17].upper() == check_character(text)


def has_birth_date(text: str, year: int) -> bool:
    """Return whether the 18 characters have the form of an identity number of somebody who can have complained in `year`."""
    if len(text) != LENGTH or not _DIGITS.fullmatch(text):
        return False
    birth_year = int(text[6:10])
    return EARLIEST_BIRTH_YEAR <= birth_year <= year - MIN_AGE_YEARS and _is_date(birth_year, text[10:12], text[12:14])


def check_character(text: str) -> str:
    """Return the check character of the first 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECK_CHARACTERS[sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False)) % 11]


def is_old_identity_number(text: str, year: int) -> bool:
    """Return whether the 15 digits are an identity number of before 1999: the province fits, the birth date is long past."""
    if len(text) != OLD_LENGTH or not text.isascii() or not text.isdigit() or text[:2] not in _PROVINCES:
        return False
    birth_year = 1900 + int(text[6:8])
    if birth_year < year - MAX_AGE_YEARS or (year - birth_year) % 100 <= RECENT_YEARS:
        return False
    return _is_date(birth_year, text[8:10], text[10:12])


def _is_date(year: int, month: str, day: str) -> bool:
    try:
        date(year, int(month), int(day))
    except ValueError:
        return False
    return True


def is_old_resident_card(text: str, year: int) -> bool:
    """Return whether 3 letters and 12 digits are a permanent resident card of a foreigner of before 2023.

    The form: nationality (ISO 3166 alpha-3), 4 digits of province and city, birth date with a year of two digits, 2 digits.
    """
    digits = text[3:]
    return f" {text[:3].upper()} " in _NATIONALITIES and is_old_identity_number(
        digits[:2] + "0000" + digits[4:10] + "000", year
    )


_NATIONALITIES = (
    " AFG ALB DZA AND AGO ATG ARG ARM AUS AUT AZE BHS BHR BGD BRB BLR BEL BLZ BEN BTN BOL BIH BWA BRA BRN BGR BFA "
    "BDI CPV KHM CMR CAN CAF TCD CHL CHN COL COM COG COD CRI CIV HRV CUB CYP CZE DNK DJI DMA DOM ECU EGY SLV GNQ "
    "ERI EST SWZ ETH FJI FIN FRA GAB GMB GEO DEU GHA GRC GRD GTM GIN GNB GUY HTI HND HUN ISL IND IDN IRN IRQ IRL "
    "ISR ITA JAM JPN JOR KAZ KEN KIR PRK KOR KWT KGZ LAO LVA LBN LSO LBR LBY LIE LTU LUX MDG MWI MYS MDV MLI MLT "
    "MHL MRT MUS MEX FSM MDA MCO MNG MNE MAR MOZ MMR NAM NRU NPL NLD NZL NIC NER NGA MKD NOR OMN PAK PLW PSE PAN "
    "PNG PRY PER PHL POL PRT QAT ROU RUS RWA KNA LCA VCT WSM SMR STP SAU SEN SRB SYC SLE SGP SVK SVN SLB SOM ZAF "
    "SSD ESP LKA SDN SUR SWE CHE SYR TJK TZA THA TLS TGO TON TTO TUN TUR TKM TUV UGA UKR ARE GBR USA URY UZB VUT "
    "VAT VEN VNM YEM ZMB ZWE XXA XXB XXC "
)
