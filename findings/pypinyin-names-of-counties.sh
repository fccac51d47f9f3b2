#!/usr/bin/env bash
# pypinyin 0.55.0: names of counties and cities are read by their commonest sound: 单县 (shan), 什邡 (shi fang), 洪洞 (hong tong),
# 乐陵 (lao ling); others, as 番禺 and 六安, are right. A search by pinyin over operators' names and places misses them.
# Expected: the readings in brackets. Seen: dan, shen fang, hong dong, le ling. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pypinyin==0.55.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from pypinyin import lazy_pinyin

found = {name: " ".join(lazy_pinyin(name)) for name in ("番禺", "六安", "单县", "什邡", "洪洞", "乐陵")}
print(found)
seen = ["pan yu", "lu an", "dan xian", "shen fang", "hong dong", "le ling"]
sys.exit(0 if list(found.values()) == seen else 1)
PYTHON
