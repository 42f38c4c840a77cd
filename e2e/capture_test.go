package e2e_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// capture is dumpcap on the loopback interface, for the UDP ports of one test.
type capture struct {
	*process
	file  string
	ports []netip.AddrPort
	mark  netip.AddrPort
}

// packet is what tshark made of one datagram.
type packet struct {
	src, dst  netip.AddrPort
	method    string // of a request
	status    string // of a response
	cseq      string // method of CSeq
	ocn       string // ISUP original called number, as tshark reads it
	isup      string // the ISUP message and its values, as tshark reads them
	malformed bool
	payload   []byte
	// indicators are backward call indicators, as tshark reads them; none: "".
	indicators string
}

func startCapture(t *testing.T, ports ...netip.AddrPort) *capture {
	t.Helper()
	dir := t.TempDir()
	c := &capture{file: filepath.Join(dir, "lo.pcap"), ports: ports, mark: at(t, strayIP)}
	filters := []string{}
	for _, p := range append([]netip.AddrPort{c.mark}, ports...) {
		filters = append(filters, fmt.Sprintf("port %d", p.Port()))
	}
	c.process = start(t, dir, "dumpcap", "dumpcap", "-q", "-i", "lo", "-B", "8", "-f", "udp and ("+strings.Join(filters, " or ")+")", "-w", c.file)
	c.seen(t, "start")
	return c
}

// seen sends a marker until it stands in the file, which means that all packets before it do, too.
func (c *capture) seen(t *testing.T, word string) {
	t.Helper()
	conn, err := net.Dial("udp4", c.mark.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	marker := []byte("marker " + word)
	eventually(t, 10*time.Second, "dumpcap writes its file", func() bool {
		// The write fails with the ICMP error that the write before it provoked: nobody listens there.
		_, _ = conn.Write(marker)
		b, err := os.ReadFile(c.file)
		return err == nil && bytes.Contains(b, marker)
	})
}

var tsharkFields = []string{"ip.src", "udp.srcport", "ip.dst", "udp.dstport", "sip.Method", "sip.Status-Code", "sip.CSeq.method",
	"isup.original_called_number", "_ws.malformed", "udp.payload",
	"isup.message_type", "isup.called_partys_status_indicator", "isup.event_ind", "isup.inband_information_ind",
	"isup.cause_indicator", "q931.cause_location",
	"isup.charge_indicator", "isup.called_partys_category_indicator", "isup.backw_call_interworking_indicator"}

// packets ends the capture and has it read by tshark.
func (c *capture) packets(t *testing.T) []packet {
	t.Helper()
	c.seen(t, "end")
	c.stop()
	args := []string{"tshark", "-n", "-r", c.file, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=f",
		"-Y", fmt.Sprintf("udp && !icmp && udp.port != %d", c.mark.Port())}
	for _, p := range c.ports {
		args = append(args, "-d", fmt.Sprintf("udp.port==%d,sip", p.Port()))
	}
	for _, f := range tsharkFields {
		args = append(args, "-e", f)
	}
	var list []packet
	for line := range strings.Lines(command(t, filepath.Dir(c.file), args...)) {
		list = append(list, readPacket(t, strings.Split(strings.TrimSuffix(line, "\n"), "\t")))
	}
	return list
}

func readPacket(t *testing.T, f []string) packet {
	t.Helper()
	if len(f) != len(tsharkFields) {
		t.Fatalf("tshark: %d fields in %q", len(f), f)
	}
	payload, err := hex.DecodeString(f[9])
	if err != nil {
		t.Fatalf("tshark: payload: %v", err)
	}
	return packet{src: addrPort(t, f[0], f[1]), dst: addrPort(t, f[2], f[3]), method: f[4], status: f[5], cseq: f[6], ocn: f[7],
		malformed: f[8] != "", isup: readISUP(f[10:16]), payload: payload,
		indicators: strings.TrimSpace(values(f[16:], "charge", "category", "interworking"))}
}

// readISUP puts what tshark says of an ISUP message into a line.
func readISUP(f []string) string {
	if f[0] == "" {
		return ""
	}
	names := map[string]string{"1": "IAM", "6": "ACM", "7": "CON", "9": "ANM", "12": "REL", "13": "SUS", "14": "RES", "16": "RLC", "44": "CPG"}
	line := names[f[0]]
	if line == "" {
		line = "message " + f[0]
	}
	return line + values(f[1:], "status", "event", "in-band", "cause", "location")
}

// values are those that are there, with their names.
func values(f []string, names ...string) string {
	line := ""
	for i, name := range names {
		v, err := strconv.ParseUint(f[i], 0, 16) // decimal, or hexadecimal with 0x
		if err != nil && f[i] == "False" || f[i] == "True" {
			v, err = map[string]uint64{"True": 1}[f[i]], nil
		}
		if err == nil {
			line += fmt.Sprintf(" %s %d", name, v)
		}
	}
	return line
}

func addrPort(t *testing.T, ip, port string) netip.AddrPort {
	t.Helper()
	a, err := netip.ParseAddr(ip)
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	return netip.AddrPortFrom(a, uint16(p))
}

// sent picks the requests of a method, or the responses with a status, that went from one address to another. An
// address with port 0 stands for any port.
func sent(list []packet, from, to netip.AddrPort, what string) []packet {
	var found []packet
	for _, p := range list {
		if is(p.src, from) && is(p.dst, to) && (p.method == what || p.method == "" && what == p.status+" "+p.cseq) {
			found = append(found, p)
		}
	}
	return found
}

func is(a, want netip.AddrPort) bool {
	return a.Addr() == want.Addr() && (want.Port() == 0 || a.Port() == want.Port())
}

// header returns the values of a header, any case, in the message as it was on the wire.
func (p packet) header(name string) []string {
	head, _, _ := bytes.Cut(p.payload, []byte("\r\n\r\n"))
	var values []string
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		n, v, ok := bytes.Cut(line, []byte(":"))
		if ok && strings.EqualFold(string(bytes.TrimSpace(n)), name) {
			values = append(values, string(bytes.TrimSpace(v)))
		}
	}
	return values
}

func (p packet) body() []byte {
	_, body, _ := bytes.Cut(p.payload, []byte("\r\n\r\n"))
	return body
}
