#!/bin/bash
# A real PostgreSQL: a table with NULLs, booleans, numerics and timestamps goes through \copy into fltrain, and what
# predict writes goes back and joins. The server has a data folder and a socket of its own in a temporary folder, listens
# on no network address, and runs as a user that is not root. usage: tests/run-postgres.sh PROGRAM
set -u
program=$(readlink -f "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
passed=0 failed=0

check() { # WHAT EXPECTED ACTUAL
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'postgres: FAILED: %s\n  expected %s\n  but got  %s\n' "$1" "$2" "$3"
	fi
}

server=$(find /usr/lib/postgresql -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
if [ -z "$server" ]; then
	echo "postgres: PostgreSQL is not installed: make deps-dev"
	exit 1
fi
folder=$(mktemp -d)
as_user() { "$@"; }
if [ "$(id -u)" = 0 ]; then
	chown postgres "$folder"
	as_user() { setpriv --reuid=postgres --regid=postgres --clear-groups env HOME="$folder" "$@"; }
fi
stop() {
	as_user "$server/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1
	rm -rf "$folder"
}
trap stop EXIT
cd "$folder" || exit 1

start() {
	as_user "$server/initdb" -D "$folder/data" -U fltrain --auth=trust >initdb.log 2>&1 || return 1
	as_user "$server/pg_ctl" -D "$folder/data" -w -l "$folder/data/log" \
		-o "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off" start >start.log 2>&1
}
if ! start; then
	cat initdb.log start.log
	echo "postgres: the server does not start"
	exit 1
fi
psql() { command psql -h "$folder" -U fltrain -d postgres -X -q -v ON_ERROR_STOP=1 "$@"; }

awk -v n=600 -f "$root/tests/cli/rows.awk" >rows.csv
psql <<'SQL' || exit 1
CREATE TABLE raw (order_id text, amount numeric, age int, kind text, day date, label text);
\copy raw FROM 'rows.csv' WITH (FORMAT csv, HEADER)
CREATE TABLE payments AS
  SELECT order_id, amount, age, nullif(kind, 'shop') AS kind, age > 40 AS is_member,
         day + time '08:15:30.25' + age * interval '1 minute' AS paid_at,
         (day + time '08:15:30.25')::timestamptz AS settled_at, label = 'yes' AS fraud FROM raw;
SQL

query='\copy (SELECT * FROM payments ORDER BY paid_at) TO STDOUT WITH (FORMAT csv, HEADER)'
psql -c "$query" | "$program" --preset fast --id order_id --time paid_at --json train.json -o shop.safetensors - >report 2>errors
check "train ends well" "" "$(cat errors)"
understood=$(python3 -c '
import json
data = json.load(open("train.json"))["data"]
print(data["rows"], data["positives"], data["missing"], data["target"], data["positive"], sep="|")
print({use["name"]: use["use"] for use in data["column_uses"]})' 2>&1)
check "rows, positives, NULLs" \
	"$(psql -At -c "SELECT count(*), count(*) FILTER (WHERE fraud), count(*) FILTER (WHERE amount IS NULL) + count(*) FILTER (WHERE kind IS NULL), 'fraud', 't' FROM payments")" \
	"$(echo "$understood" | head -n 1)"
check "types" \
	"{'order_id': 'id', 'amount': 'numeric', 'age': 'numeric', 'kind': 'categorical', 'is_member': 'categorical', 'paid_at': 'time', 'settled_at': 'dates', 'fraud': 'target'}" \
	"$(echo "$understood" | tail -n 1)"
psql -c "$query" | "$program" predict --id order_id shop.safetensors - >scored.csv 2>errors
check "predict ends well" "" "$(cat errors)"
psql <<'SQL' || exit 1
CREATE TABLE scored (order_id text PRIMARY KEY, probability float8, label boolean, score float8);
\copy scored FROM 'scored.csv' WITH (FORMAT csv, HEADER)
SQL
check "each row joins back" "600|600" \
	"$(psql -At -c "SELECT count(*), count(DISTINCT order_id) FROM scored JOIN payments USING (order_id)")"
check "fraud scores higher" "t" \
	"$(psql -At -c "SELECT avg(probability) FILTER (WHERE fraud) > avg(probability) FILTER (WHERE NOT fraud) FROM scored JOIN payments USING (order_id)")"
echo "postgres: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
