#!/usr/bin/env bash
# packaging/sipid.service under a running systemd: the one of a Debian 12 in a container without a network, installed as
# docs/operations.md, "Install", says. A line for each point, exit code 1 when one fails. As root, about four minutes;
# what is missing is installed. With a folder as argument the Debian is kept there for the next time.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/setup systemd
work=$(mktemp -d) root=${1:-$work/root} container='' bad=0
# shellcheck disable=SC2317 # called by the trap
stop() { if [[ $container ]]; then kill -TERM "$container" 2>/dev/null || true; wait "$container" || true; fi; rm -rf "$work"; }
trap stop EXIT
point() { # NAME, whether it holds (arithmetic), figures
	if (($2)); then printf '%-9s PASS  %s\n' "$1" "$3"; else printf '%-9s FAIL  %s\n' "$1" "$3"; bad=1; fi
}
inside() { nsenter -t "$init" -a -- "$@"; }
ctl() { inside systemctl "$@" sipid; }
show() { ctl show -P "$1"; }
ms() { echo $((($(date +%s%N) - $1) / 1000000)); } # since a moment of date +%s%N
journal() { inside journalctl -q --no-pager -o cat --after-cursor="$cursor" -u sipid; }
mark() { cursor=$(inside journalctl -q -n 0 --show-cursor | sed -n 's/^-- cursor: //p'); }
call() { inside sipid call --to 127.0.0.1:5060 --access-id 1007 --serial 00000042 --timeout 20s "$@" >>"$work/calls" 2>&1; }
ready() { for _ in $(seq 1000); do if inside curl -sf 127.0.0.1:8060/readyz >"$work/ready"; then return; fi; sleep 0.02; done; echo "never ready" >&2; }
pbx() { # BEHAVIOUR: the one of the calls to come
	inside systemctl stop pbx 2>/dev/null || true
	inside systemd-run -q --unit=pbx --collect sipid pbx --behave "$1"; sleep 0.5
}

go build -o "$work/sipid" ./cmd/sipid
[[ -x $root/lib/systemd/systemd ]] || debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,curl bookworm "$root" >"$work/debootstrap"
rm -rf "$root"/etc/sipid "$root"/etc/systemd/system/*sipid* "$root"/var/lib/private/sipid
timeout -k 10 600 systemd-nspawn -q --register=no --keep-unit --private-network --link-journal=no --console=pipe -D "$root" -b \
	</dev/null >"$work/boot" 2>&1 & container=$!
until nspawn=$(pgrep -P "$container") && init=$(pgrep -P "$nspawn") && [[ $(inside systemctl is-system-running 2>&1) =~ running|degraded ]]; do
	sleep 0.5; kill -0 "$container" || { cat "$work/boot" >&2; exit 1; }
done

install -m 755 "$work/sipid" "$root/usr/local/bin/sipid"
cat >"$work/sipid.yaml" <<'YAML'
listen: [{on: "udp:127.0.0.1:5060"}, {on: "tcp:127.0.0.1:5060"}]
db: /var/lib/sipid/sipid.db
http: 127.0.0.1:8060
trunks: [{name: local, sources: [127.0.0.1]}]
pbx_groups: [{name: default, targets: [{uri: "sip:127.0.0.1:5080"}]}]
YAML
install -D -m 644 "$work/sipid.yaml" "$root/etc/sipid/sipid.yaml"
install -m 644 packaging/sipid.service "$root/etc/systemd/system/"
inside systemctl daemon-reload; mark; inside systemctl enable --now sipid 2>/dev/null
{ echo access_id,name,endpoint; for i in $(seq 1001 6000); do echo "$i,client $i,https://a.example/sipid"; done; } >"$root/root/clients.csv"
# Root's files, which only root may read at first, with the commands of an operator.
inside bash -c 'umask 077; cd /var/lib/sipid; sipid client import --db sipid.db /root/clients.csv; cp sipid.db new.db; mv new.db sipid.db
	sipid client list --db sipid.db; sipid target enable sip:127.0.0.1:5080 --config /etc/sipid/sipid.yaml' >"$work/import"
point analyze "$(inside systemd-analyze verify sipid.service >"$work/verify" 2>&1 && [[ ! -s $work/verify ]] && echo 1 || echo 0)" \
	"verify: $(wc -l <"$work/verify") lines$(head -n 1 "$work/verify"); $(inside systemd-analyze security --no-pager sipid.service | tail -n 1)"

pbx answer; ctl stop; t=$(date +%s%N); ctl start; t=$(ms "$t"); ready
rows=$(grep -o '"rows":[0-9]*' "$work/ready")
point start "$([[ $rows == '"rows":5000' && $(show StatusText) == 'ready, 5000 clients,'* ]] && echo 1 || echo 0)" "$t ms, then $rows; status: $(show StatusText)"
lost=0; for _ in $(seq 5); do call --hold 100ms || lost=$((lost + 1)); done
named=$(inside journalctl -u pbx | grep -c 'X-Client-Name: client 1007' || true)
point calls "lost == 0 && named == 5" "$lost of 5 lost, $named identified; $(inside grep -E 'Seccomp:|CapEff|NoNewPrivs' "/proc/$(show MainPID)/status" | tr -s '\t\n' ' ')"

pbx slow; call --hold 3s & a=$!; sleep 1; t=$(date +%s%N); ctl restart; t=$(ms "$t"); lost=0; wait "$a" || lost=1
point restart "lost == 0 && t > 2000" "with a call that rings: waited $t ms for its answer, $lost lost; its BYE went by the next process"
pbx no-answer; call --timeout 35s & a=$!; sleep 1; t=$(date +%s%N); ctl stop; t=$(ms "$t"); wait "$a" || true
point drain "t > 25000 && t < 39000 && $([[ $(show Result) == success ]] && echo 1 || echo 0)" "with a call nobody answers: stopped after $t ms, $(show Result)"
ctl start

pbx slow; call --hold 6s & a=$!; sleep 6; call --hold 1s & b=$!; sleep 3
n=$(show NRestarts); ctl kill -s KILL --kill-who=main; t=$(date +%s%N); sleep 0.1; ready; t=$(ms "$t")
lost=0; wait "$a" || lost=1; wait "$b" || lost=$((lost + 1))
point kill "lost == 0 && $(show NRestarts) == n + 1" "ready after $t ms; $lost of 2 calls lost, one answered and one ringing"

n=$(show NRestarts); sleep 31
point healthy "$(show NRestarts) == n" "$(($(show NRestarts) - n)) restarts in two periods of the watchdog"
pbx answer; call --hold 22s & a=$!; sleep 1; ctl kill -s STOP --kill-who=main
t=$(date +%s%N); until (($(show NRestarts) > n)); do sleep 0.1; done; ready; t=$(ms "$t"); lost=0; wait "$a" || lost=1
point watchdog "lost == 0 && t < 18000" "stopped, ready again after $t ms; $lost of 1 call lost"
# The unit with transport's own test in the place of serve.
CGO_ENABLED=0 go test -c -o "$root/usr/local/bin/transport.test" ./transport
sed -E 's|^ExecStart=.*|ExecStart=/usr/local/bin/transport.test -test.v -test.run TestPrecede|; s/^Type=.*/Type=oneshot/; s/^Restart=.*/Restart=no/
	/^(ExecStopPost|WatchdogSec|MemoryMax)=/d' packaging/sipid.service >"$root/etc/systemd/system/precede.service"
inside systemctl daemon-reload; inside systemctl start precede || true
nice=$(inside journalctl -q --no-pager -o cat -u precede | grep -o 'nice .*' || true)
limit=$(inside grep '^Max nice' "/proc/$(show MainPID)/limits" | tr -s ' ' | cut -d ' ' -f 4)
wanted='nice -5, preceding -15 (<nil>)'
# Where this machine's root may not raise limits, neither may systemd: then the call is let through, and the kernel says no.
[[ $limit == 35 ]] || wanted='nice -5, preceding -5 (permission denied)'
point nice "$([[ $nice == "$wanted" ]] && echo 1 || echo 0)" "the thread that reads: $nice; RLIMIT_NICE $limit of 35"
denied=$(journal | grep -ciE 'operation not permitted|permission denied|SIGSYS|cannot be (read|opened|told)' || true)
point denied "denied == 0" "$denied lines of the journal speak of what the sandbox forbids"

ctl stop; mark; sed -i s/trunks:/trunk:/ "$root/etc/sipid/sipid.yaml"
t=$(date +%s%N); rc=0; ctl start 2>/dev/null || rc=$?; t=$(ms "$t")
why=$(journal | grep -m 1 '^sipid: ' || true); sleep 12; n=$(journal | grep -c '^sipid: ' || true)
cp "$work/sipid.yaml" "$root/etc/sipid/sipid.yaml"; ready
point broken "$rc && n >= 2 && n <= 6" "start fails after $t ms: ${why:-nothing in the journal}; $n tries in $((t / 1000 + 12)) s; put right it serves by itself"
((bad == 0)) || { cat "$work/calls" >&2; inside journalctl --no-pager -n 200 -u sipid -u pbx >&2; }
exit "$bad"
