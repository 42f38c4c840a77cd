package daemon

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"slices"
	"time"
)

// tlsOldHandshake is how long after a change handshakes may end that began with
// the old files; the transport gives them less.
const tlsOldHandshake = 10 * time.Second

// vetter closes the connections whose peers are not trusted, and gives these peers.
type vetter func(trusted func(tls.ConnectionState) bool) []netip.AddrPort

// watch looks at the files when no handshake does, and ends the connections of
// peers that would not be let in any more, until ctx is done. Without a client CA
// everybody is let in.
func (k *tlsKeeper) watch(ctx context.Context, vet vetter) {
	if k == nil || k.files.ClientCA == "" {
		return
	}
	look := time.NewTicker(tlsRenewEvery)
	defer look.Stop()
	last, changed := k.current.Load().clientCA, time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-look.C:
			ca := k.now().clientCA
			if !ca.Equal(last) {
				last, changed = ca, now
			}
			k.vet(vet, ca, now, now.Sub(changed) < tlsOldHandshake)
		}
	}
}

// vet looks at all connections once. Signatures are checked where the client CA
// may be another than in the handshake, and of peers whose chain has ended, which
// may have another one; else a look at the dates does.
func (k *tlsKeeper) vet(vet vetter, ca *x509.CertPool, now time.Time, changed bool) {
	gone := vet(func(c tls.ConnectionState) bool {
		return !changed && slices.ContainsFunc(c.VerifiedChains, func(chain []*x509.Certificate) bool { return lasts(chain, now) }) ||
			verifies(c.PeerCertificates, ca, now)
	})
	if len(gone) > 0 {
		k.log.Warn("connections ended, their certificates are not trusted any more", "connections", len(gone), "peers", gone[:min(len(gone), 8)])
	}
}

// lasts tells whether no certificate of the chain has ended.
func lasts(chain []*x509.Certificate, now time.Time) bool {
	return !slices.ContainsFunc(chain, func(c *x509.Certificate) bool { return now.After(c.NotAfter) })
}

// verifies tells whether a handshake would let a peer with these certificates in.
func verifies(peer []*x509.Certificate, ca *x509.CertPool, now time.Time) bool {
	if len(peer) == 0 {
		return false
	}
	between := x509.NewCertPool()
	for _, c := range peer[1:] {
		between.AddCert(c)
	}
	_, err := peer[0].Verify(x509.VerifyOptions{
		Roots: ca, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return err == nil
}
