package pgtable_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is a PostgreSQL of this test, on a port of its own.
type server struct {
	port  int
	data  string
	owner *syscall.Credential
	cmd   *exec.Cmd
}

// Passwords of the superuser and of the role that reads.
const (
	adminPassword  = "admin-password"
	readerPassword = "reader-s3cret"
)

// startServer makes a database cluster in a temporary folder and serves it.
func startServer(t *testing.T) *server {
	t.Helper()
	initdb := program(t, "initdb")
	s := &server{port: freePort(t), owner: unprivileged(t)}
	dir, err := os.MkdirTemp("", "sipid-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s.data = filepath.Join(dir, "data")
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(adminPassword+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if s.owner != nil {
		if err := os.Chown(dir, int(s.owner.Uid), int(s.owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	make := s.command(initdb, "-D", s.data, "-U", "admin", "--auth=scram-sha-256", "--pwfile="+password, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	if out, err := make.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.start(t)
	t.Cleanup(s.stop)
	return s
}

// program finds a server program, which Debian keeps out of PATH.
func program(t *testing.T, name string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts PostgreSQL: not with -short")
	}
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); err == nil && len(found) > 0 {
		return found[len(found)-1]
	}
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("SIPID_E2E") == "required" {
		t.Fatalf("%s is missing", name)
	}
	if err != nil {
		t.Skipf("%s is missing; scripts/setup installs PostgreSQL", name)
	}
	return path
}

// unprivileged is who PostgreSQL runs as, since it refuses to as root.
func unprivileged(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	t.Fatal("no user to run PostgreSQL as")
	return nil
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *server) command(argv ...string) *exec.Cmd {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = "/"
	// It ends with the test, however that ends.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner, Pdeathsig: syscall.SIGKILL}
	return cmd
}

func (s *server) start(t *testing.T) {
	t.Helper()
	s.cmd = s.command(program(t, "postgres"), "-D", s.data, "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "log_statement=all", "-c", "logging_collector=on", "-c", "log_directory=log", "-c", "log_filename=log")
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		conn, err := pgx.Connect(context.Background(), s.url("admin", adminPassword))
		if err == nil {
			conn.Close(context.Background())
			return
		}
		if time.Now().After(end) {
			t.Fatalf("PostgreSQL does not start: %v", err)
		}
	}
}

// stop ends it at once; a second time it does nothing.
func (s *server) stop() {
	if s.cmd != nil {
		_ = s.cmd.Process.Signal(syscall.SIGQUIT)
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

func (s *server) url(user, password string) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/postgres?sslmode=disable", user, password, s.port)
}

// endpoint is as it stands in the client table.
func (s *server) endpoint() string { return fmt.Sprintf("postgres://127.0.0.1:%d/postgres", s.port) }

// exec runs statements as the superuser.
func (s *server) exec(t *testing.T, statements string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.url("admin", adminPassword))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.PgConn().Exec(ctx, statements).ReadAll(); err != nil {
		t.Fatal(err)
	}
}

// log gives the lines of the server's log that hold text.
func (s *server) log(t *testing.T, text string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.data, "log", "log"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	return lines
}
