#!/usr/bin/env bash
# Shows that the generator sees what is wrong, with Kamailio as the peer: the line says what has to come, the next what
# came. About half a minute. The checks that need no Kamailio are `go test ./bench/...`.
set -euo pipefail
cd "$(dirname "$0")"
export WARMUP=1s IDLE=0s
failed=0

# want SENTENCE JQ-LIKE-PYTHON-CONDITION PEER: r is the result, w its reasons.
want() {
	local sentence=$1 condition=$2 peer=$3
	printf '%s: ' "$sentence"
	./run.sh "$peer" 200 2 | python3 -c '
import json, sys
r = json.load(sys.stdin); w = r.get("why", {}); n = r["calls"]
ok = n > 300 and bool(eval(sys.argv[1]))
print("ok" if ok else "NOT SO", {k: r[k] for k in ("calls", "done", "failed", "bad_content")}, w)
sys.exit(not ok)' "$condition" || failed=1
}
good='r["failed"] == 0 and r["done"] == n'

want "good: nothing failed" "$good" kam-job-2
EXPECT=job want "relay taken for the job: all wrong" 'w.get("bad_x_access_id") == n' kam-relay-2
EXPECT=relay want "job taken for relay: all wrong" 'w.get("bad_unexpected_x") == n' kam-job-2
LG="-bye mix" want "either side hangs up: nothing failed" "$good" kam-job-2
LG="-ring 0s -talk 0s -uac-socks 4" want "no delays, four calling sockets: nothing failed" "$good" kam-job-2
LG="-body sdp" want "plain SDP through a relay: nothing failed" "$good" kam-relay-2
exit "$failed"
