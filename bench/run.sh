#!/usr/bin/env bash
# Starts a peer, loads it, stops it, prints one line of JSON.
#
#   bench/run.sh PEER CPS SECONDS
#
# PEER: sipid                            this repository as shipped: isup_replies: auto
#       sipid-sdp                        the same with isup_replies: never
#       chain                            sipid behind the Kamailio of kamailio/, both counted
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

expect=job behind=''
hex=$(printf ':%04X' "$port")
listening() { awk -v h="$hex" 'index($2, h) == 9 { f = 1 } END { exit !f }' /proc/net/udp; }
! listening || { echo "run: UDP port $port is taken, PORT=... names another" >&2; exit 3; }
case $peer in
sipid)
	(cd "$here/.." && go build -o "$here/bin/" ./cmd/sipid)
	"$here/bin/sipid" client import --db "$work/sipid.db" "$CLIENTS_CSV" >"$log" 2>&1
	(cd "$work" && exec "${pin[@]}" "$here/bin/sipid" serve --db "$work/sipid.db" --listen "udp:$PROXY" --pbx "sip:$UAS" --http 127.0.0.1:0) >>"$log" 2>&1 &
	;;
sipid-sdp)
	(cd "$here/.." && go build -o "$here/bin/" ./cmd/sipid)
	"$here/bin/sipid" client import --db "$work/sipid.db" "$CLIENTS_CSV" >"$log" 2>&1
	printf 'listen: [{on: "udp:%s"}]\ndb: sipid.db\nhttp: 127.0.0.1:0\ntrunks: [{name: t, sources: [127.0.0.1], isup_replies: never}]\npbx_groups: [{name: default, targets: [{uri: "sip:%s"}]}]\n' \
		"$PROXY" "$UAS" >"$work/sipid.yaml"
	(cd "$work" && exec "${pin[@]}" "$here/bin/sipid" serve --config sipid.yaml) >>"$log" 2>&1 &
	;;
chain)
	(cd "$here/.." && go build -o "$here/bin/" ./cmd/sipid)
	"$here/bin/sipid" client import --db "$work/sipid.db" "$CLIENTS_CSV" >"$log" 2>&1
	node=127.0.0.1:$((port + 10)) PROXY=127.0.0.2:$port more=(-hops 2)
	printf '1 127.0.0.1 32 0 trunk\n' >"$work/address.list"
	printf '1 sip:%s 8\n2 sip:%s 0\n' "$node" "$node" >"$work/dispatcher.list"
	printf 'listen: [{on: "udp:%s"}]\nedges: [127.0.0.2]\ndb: sipid.db\nhttp: 127.0.0.1:0\ntrunks: [{name: t, sources: [127.0.0.1]}]\npbx_groups: [{name: default, targets: [{uri: "sip:%s"}]}]\n' \
		"$node" "$UAS" >"$work/sipid.yaml"
	(cd "$work" && exec "${pin[@]}" "$here/bin/sipid" serve --config sipid.yaml) >>"$log" 2>&1 &
	behind=$!
	"${pin[@]}" kamailio -f "$here/../kamailio/kamailio.cfg" -DD -E -m 2048 -M 16 "${kamflags[@]}" -w "$work" -l "udp:$PROXY" -A WORKERS=2 \
		-A FLOOD_LIMIT=1000000 -A "TRUNKS=\"$work/address.list\"" -A "NODES=\"$work/dispatcher.list\"" >>"$log" 2>&1 &
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
stop() {
	local p
	for p in $pid $behind; do
		kill "$p" 2>/dev/null || true
		wait "$p" 2>/dev/null || true
	done
	rm -rf "$work"
}
trap stop EXIT

for _ in $(seq 100); do
	listening && break
	kill -0 "$pid" 2>/dev/null || { echo "run: $peer ended: $(tail -2 "$log")" >&2; exit 3; }
	sleep 0.1
done
listening || { echo "run: $peer does not listen on $PROXY after 10 s: $(tail -2 "$log")" >&2; exit 3; }
sleep "${SETTLE:-0.7}"
"${gen[@]}" "$here/bin/loadgen" -target "$PROXY" -listen-uas "$UAS" -listen-uac "$UAC" -clients "$CLIENTS_CSV" \
	-expect "${EXPECT:-$expect}" "${more[@]}" -cps "$cps" -duration "${secs}s" -warmup "${WARMUP:-7s}" -idle "${IDLE:-1s}" \
	-pids "$pid${behind:+,$behind}" -json -label "${LABEL:-$peer}" -dump-bad "$here/out/bad-$port.txt" "${lg[@]}"
