package daemon

import (
	"context"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"
)

// serviceManager tells systemd how the daemon is doing, by datagrams to the
// socket that NOTIFY_SOCKET names (sd_notify(3)). Without that variable nothing
// is told. It is four words; a library would be longer than they are.
type serviceManager struct {
	conn     net.Conn      // nil: nobody wants to know
	watchdog time.Duration // systemd ends us when it heard nothing for so long; 0: never
	status   func() string // the line of systemctl status
	log      *slog.Logger
}

func newServiceManager(status func() string, log *slog.Logger) *serviceManager {
	m := &serviceManager{status: status, log: log}
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return m
	}
	// A name that begins with @ is an abstract one, to Go as to systemd.
	conn, err := net.Dial("unixgram", name)
	if err != nil {
		log.Warn("service manager cannot be told", "err", err)
		return m
	}
	m.conn = conn
	m.watchdog = watchdogInterval()
	return m
}

// watchdogInterval is what systemd asks of this process, 0 for nothing.
func watchdogInterval() time.Duration {
	if pid := os.Getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	us, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || us <= 0 {
		return 0
	}
	return time.Duration(us) * time.Microsecond
}

func (m *serviceManager) tell(state string) {
	if m.conn == nil {
		return
	}
	// systemd reads at once; one that does not must not hold us up.
	_ = m.conn.SetWriteDeadline(time.Now().Add(time.Second))
	if _, err := m.conn.Write([]byte(state + "\nSTATUS=" + m.status())); err != nil {
		m.log.Warn("service manager cannot be told", "state", state, "err", err)
	}
}

// ready: calls are taken from now on. stopping: the drain begins.
func (m *serviceManager) ready()    { m.tell("READY=1") }
func (m *serviceManager) stopping() { m.tell("STOPPING=1") }

// watch says that we are alive, as long as alive finds it true, until ctx is
// done. It gets a third of the watchdog's time, so that one look may fail. A
// machine that does not let us reach our own sockets would make a healthy
// process look dead: when the very first look fails, later ones are left out.
func (m *serviceManager) watch(ctx context.Context, alive func(patience time.Duration) bool) {
	if m.conn == nil || m.watchdog == 0 {
		return
	}
	every := m.watchdog / 3
	blind := !alive(every)
	if blind {
		m.log.Warn("watchdog: the listeners cannot be reached from here, so they are not watched")
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if blind || alive(every/2) {
			m.tell("WATCHDOG=1")
		} else {
			m.log.Error("watchdog: a listener or the timers stand still")
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
