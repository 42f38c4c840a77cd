#!/usr/bin/env bash
# Starts a peer, loads it, stops it, prints one line of JSON.
#
#   bench/run.sh PEER CPS SECONDS
#
# PEER: sipid                            this repository
#       kam-job-N  kam-relay-N           Kamailio, N children: the job by script, or t_relay alone
#       fwd-std fwd-batch fwd-raw fwd-hard   the floor: a UDP forwarder that reads nothing
#       cmd-job  cmd-relay               $PEER_CMD, any proxy that listens on $PROXY and sends calls to $UAS
# Environment: PORT (first port, 25060), WARMUP (7s), IDLE (1s), SETTLE (0.7), LG (more flags of loadgen), EXPECT, LABEL,
# KAMCFG, KAMFLAGS, FWDFLAGS, PIN_PEER and PIN_GEN (lists of processors for taskset).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peer=${1:?PEER} cps=${2:?CPS} secs=${3:?SECONDS}
port=${PORT:-25060}
export PROXY=127.0.0.1:$port UAS=127.0.0.1:$((port + 20)) UAC=127.0.0.1:$((port + 30))
export CLIENTS_CSV=$here/data/clients.csv CLIENTS_DB=$here/data/clients.db
[[ -f $CLIENTS_CSV && -f $CLIENTS_DB ]] || "$here/mkclients.sh" >&2
mkdir -p "$here/bin" "$here/out"
(cd "$here/.." && go build -o "$here/bin/" ./bench/loadgen ./bench/fwd)
log=$here/out/peer-$port.log
work=$(mktemp -d)
pin=() gen=() more=()
[[ -z ${PIN_PEER:-} ]] || pin=(taskset -c "$PIN_PEER")
[[ -z ${PIN_GEN:-} ]] || gen=(taskset -c "$PIN_GEN")
read -ra kamflags <<<"${KAMFLAGS:--x fm -X fm -b 8388608}"
read -ra fwdflags <<<"${FWDFLAGS:-}"
read -ra lg <<<"${LG:-}"

expect=job
case $peer in
sipid)
	(cd "$here/.." && go build -o "$here/bin/" ./cmd/sipid)
	"$here/bin/sipid" client import --db "$work/sipid.db" "$CLIENTS_CSV" >"$log" 2>&1
	(cd "$work" && exec "${pin[@]}" "$here/bin/sipid" serve --db "$work/sipid.db" --listen "udp:$PROXY" --pbx "sip:$UAS" --http 127.0.0.1:0) >>"$log" 2>&1 &
	;;
kam-*)
	define=()
	if [[ $peer == kam-job-* ]]; then define=(-A WITH_JOB); else expect=relay; fi
	"${pin[@]}" kamailio -f "${KAMCFG:-$here/kam/kam.cfg}" -DD -E -n "${peer##*-}" -m 4096 -M 16 "${kamflags[@]}" -w "$work" \
		-l "udp:$PROXY" -A "P_AGENT=\"sip:$UAS\"" -A "P_DB=\"sqlite:///$CLIENTS_DB\"" "${define[@]}" >"$log" 2>&1 &
	;;
fwd-*)
	expect=fwd more=(-reply source)
	"${pin[@]}" "$here/bin/fwd" -listen "$PROXY" -uas "$UAS" -uac "$UAC" -mode "${peer#fwd-}" -extra "${fwdflags[@]}" >"$log" 2>&1 &
	;;
cmd-*)
	expect=${peer#cmd-}
	"${pin[@]}" bash -c "exec ${PEER_CMD:?}" >"$log" 2>&1 &
	;;
*) echo "run: unknown peer $peer" >&2; exit 2 ;;
esac
pid=$!
trap 'kill $pid 2>/dev/null || true; wait $pid 2>/dev/null || true; rm -rf "$work"' EXIT

hex=$(printf ':%04X' "$port")
for _ in $(seq 100); do
	awk -v h="$hex" 'index($2, h) == 9 { f = 1 } END { exit !f }' /proc/net/udp && break
	kill -0 "$pid" 2>/dev/null || { echo "run: $peer ended: $(tail -2 "$log")" >&2; exit 3; }
	sleep 0.1
done
sleep "${SETTLE:-0.7}"
"${gen[@]}" "$here/bin/loadgen" -target "$PROXY" -listen-uas "$UAS" -listen-uac "$UAC" -clients "$CLIENTS_CSV" \
	-expect "${EXPECT:-$expect}" "${more[@]}" -cps "$cps" -duration "${secs}s" -warmup "${WARMUP:-7s}" -idle "${IDLE:-1s}" \
	-pids "$pid" -json -label "${LABEL:-$peer}" -dump-bad "$here/out/bad-$port.txt" "${lg[@]}"
