#!/usr/bin/env bash
# The client table of the load tests: 10,000 access IDs, 0000 to 9999.
#
#   bench/mkclients.sh [DIR]     writes DIR/clients.csv, for `sipid client import` and the
#                                generator, and DIR/clients.db, for kam/kam.cfg; bench/data
set -euo pipefail
dir=${1:-$(dirname "$0")/data}
mkdir -p "$dir"
cd "$dir"
{
	echo "access_id,name,endpoint,serial_digits"
	awk 'BEGIN { for (i = 0; i < 10000; i++) printf "%04d,Client %04d Ltd,sip:pbx-%04d.example.net:%d,8\n", i, i, i, 5060 + i % 40 }'
} >clients.csv
command -v sqlite3 >/dev/null || { echo "no sqlite3: no clients.db, Kamailio cannot be measured" >&2; exit 0; }
rm -f clients.db
{
	echo "CREATE TABLE version(table_name VARCHAR(32) PRIMARY KEY NOT NULL, table_version INTEGER DEFAULT 0 NOT NULL);"
	echo "INSERT INTO version VALUES('clients',2);INSERT INTO version VALUES('htable',2);"
	echo "CREATE TABLE clients(access_id VARCHAR(4) PRIMARY KEY NOT NULL, endpoint VARCHAR(128) NOT NULL, name VARCHAR(128) NOT NULL);"
	echo "BEGIN;"
	awk -F, 'NR > 1 { printf "INSERT INTO clients VALUES(\x27%s\x27,\x27%s\x27,\x27%s\x27);\n", $1, $3, $2 }' clients.csv
	echo "COMMIT;"
} | sqlite3 clients.db
