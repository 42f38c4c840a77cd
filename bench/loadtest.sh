#!/usr/bin/env bash
# Loads a proxy that is already running and says whether every call was right: identified, its headers and body as they
# must be, through to the end. Trunk and agent PBX are both played by the load generator.
#
#   bench/loadtest.sh --proxy 127.0.0.1:5060 --uas 127.0.0.1:5080 [--uac 127.0.0.1:5090] --clients FILE.csv
#                     [--cps 200] [--seconds 10] [--pid PID] [--hops 1] [--json FILE] [-- more flags of loadgen]
#
# Exit status: 0 all calls right, 1 not, 2 wrong usage. README.md has the flags.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
usage() { printf 'loadtest: %s\n' "$1" >&2; exit 2; }

proxy='' uas='' uac=127.0.0.1:5090 clients='' cps=200 seconds=10 hops=1 json='' pid=()
while (($#)); do
	[[ $1 == -- ]] && { shift; break; }
	(($# > 1)) || usage "$1 needs a value"
	case $1 in
	--proxy) proxy=$2 ;;
	--uas) uas=$2 ;;
	--uac) uac=$2 ;;
	--clients) clients=$2 ;;
	--cps) cps=$2 ;;
	--seconds) seconds=$2 ;;
	--pid) pid=(-pids "$2") ;;
	--hops) hops=$2 ;;
	--json) json=$2 ;;
	*) usage "unknown flag $1" ;;
	esac
	shift 2
done
[[ $proxy && $uas && $clients ]] || usage "--proxy, --uas and --clients are needed"
[[ -f $clients ]] || usage "$clients: no such file"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
(cd "$here/.." && go build -o "$dir/loadgen" ./bench/loadgen)

status=0
"$dir/loadgen" -target "$proxy" -listen-uas "$uas" -listen-uac "$uac" -clients "$clients" -expect job -hops "$hops" \
	-cps "$cps" -warmup 0s -duration "${seconds}s" "${pid[@]}" -dump-bad "$dir/bad" -strict -json "$@" >"$dir/result" || status=$?
[[ -z $json ]] || cp "$dir/result" "$json"
[[ ! -s $dir/bad ]] || { echo "loadtest: the first wrong INVITE:"; cat "$dir/bad"; } >&2
((status == 0)) || exit "$status"
sed -E 's/.*"calls":([0-9]+),"done":([0-9]+),"failed":([0-9]+).*"bad_content":([0-9]+).*/\1 calls, \2 through, \3 failed, \4 wrong/' "$dir/result"
