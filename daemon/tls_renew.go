package daemon

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"sipid/config"
)

// tlsRenewEvery is how often, at most, the files are looked at: when a handshake
// needs them, and by watch.
const tlsRenewEvery = time.Second

// tlsKeeper holds what stood in the files when they were last good, so that a
// certificate is renewed by putting new files in place. Connections that are
// open stay as they are, unless their peer is not trusted any more.
type tlsKeeper struct {
	files   config.TLSFiles
	log     *slog.Logger
	current atomic.Pointer[tlsKept]

	mu     sync.Mutex // guards what follows
	looked time.Time
	tried  tlsStamp // of the files that were read last, good or not
}

// tlsKept is one state of the files, ready for handshakes.
type tlsKept struct {
	*tlsMaterial
	config *tls.Config
}

// tlsStamp tells one state of the files from another.
type tlsStamp [3]struct {
	modified time.Time
	size     int64
}

// openTLS reads the files; without a tls section the keeper is nil.
func openTLS(f config.TLSFiles, log *slog.Logger) (*tlsKeeper, error) {
	if f == (config.TLSFiles{}) {
		return nil, nil
	}
	k := &tlsKeeper{files: f, log: log, looked: time.Now(), tried: stampTLS(f)}
	m, err := readTLS(f)
	if err != nil {
		return nil, err
	}
	k.keep(m)
	return k, nil
}

// configs are what the proxy needs: server for connections to us, client for those
// we make. Both follow the files, but for whom a connection of ours trusts: the
// system's CAs, at the start. Both are nil without a tls section.
func (k *tlsKeeper) configs() (server, client *tls.Config) {
	if k == nil {
		return nil, nil
	}
	server = &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return k.now().config, nil },
	}
	client = &tls.Config{
		MinVersion:           tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &k.now().pair, nil },
	}
	return server, client
}

func (k *tlsKeeper) keep(m *tlsMaterial) { k.current.Store(&tlsKept{m, m.server()}) }

// now is the latest good state. Where another handshake is just looking, this
// one takes what there is.
func (k *tlsKeeper) now() *tlsKept {
	if k.mu.TryLock() {
		defer k.mu.Unlock()
		k.renew()
	}
	return k.current.Load()
}

// renew reads the files when they changed. Files that do not fit together, as
// when one is new and the other is not yet, change nothing.
func (k *tlsKeeper) renew() {
	if time.Since(k.looked) < tlsRenewEvery {
		return
	}
	k.looked = time.Now()
	stamp := stampTLS(k.files)
	if stamp == k.tried {
		return
	}
	m, err := readTLS(k.files)
	k.tried = stamp
	if err != nil {
		k.log.Warn("certificate not renewed, the old one serves on", "error", err)
		return
	}
	k.keep(m)
	k.log.Info("certificate renewed", "file", k.files.Cert, "until", m.pair.Leaf.NotAfter)
}

// stampTLS looks at the files. One that is not there has the zero stamp.
func stampTLS(f config.TLSFiles) tlsStamp {
	var s tlsStamp
	for i, name := range [...]string{f.Cert, f.Key, f.ClientCA} {
		if info, err := os.Stat(name); err == nil {
			s[i].modified, s[i].size = info.ModTime(), info.Size()
		}
	}
	return s
}
