#!/usr/bin/env bash
# segno 1.6.6 with opencv-python-headless 5.0.0.93: without a named encoding, an address whose Chinese characters all exist in Shift JIS
# (as 公示) is written in Shift JIS and not in UTF-8, with no sign of it in the code; zxing-cpp 3.1.1 guesses it, OpenCV's reader gives other
# characters. With another character in it (投诉) the same call writes UTF-8. Expected: one encoding for all. Seen: a correct read of one only.
# Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check segno==1.6.6 pillow==13.0.0 numpy==2.4.6 zxing-cpp==3.1.1 opencv-python-headless==5.0.0.93
"$folder/venv/bin/python" - <<'PYTHON'
import io
import sys

import cv2
import numpy
import segno
import zxingcpp
from PIL import Image


def read_back(address, **options):
    picture = io.BytesIO()
    segno.make(address, micro=False, **options).save(picture, kind="png", scale=8, border=4)
    pixels = numpy.array(Image.open(picture).convert("L"))
    return cv2.QRCodeDetector().detectAndDecode(pixels)[0] == address, zxingcpp.read_barcodes(pixels)[0].text == address


found = {
    "公示": read_back("https://example.org/公示"),
    "公示, utf-8": read_back("https://example.org/公示", encoding="utf-8"),
    "投诉": read_back("https://example.org/投诉"),
}
print(f"read back as written by (OpenCV, zxing-cpp): {found}")
sys.exit(0 if found == {"公示": (False, True), "公示, utf-8": (True, True), "投诉": (True, True)} else 1)
PYTHON
