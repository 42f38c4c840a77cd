package decode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/ip4defrag"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/gopacket/gopacket/tcpassembly"
)

// IsCapture tells a capture by its the first four octets of pcap (micro- and nanoseconds, both
// byte orders) and pcapng files.
func IsCapture(magic []byte) bool {
	switch string(magic) {
	case "\xa1\xb2\xc3\xd4", "\xd4\xc3\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x4d\x3c\xb2\xa1", ngMagic:
		return true
	}
	return false
}

const ngMagic = "\x0a\x0d\x0d\x0a"

// packetSource is what the readers of both formats do.
type packetSource interface {
	ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
}

// Capture reads pcap and pcapng files. It puts datagrams and streams together. SIP-I datagrams are often
// longer than the MTU, so fragments are the rule.
type Capture struct {
	// Message gets each SIP message, and where it was. The octets are reused.
	Message func(place string, source netip.AddrPort, raw []byte)
	// Warn gets what is wrong with the capture itself.
	Warn func(place, format string, args ...any)

	link      func(gopacket.CaptureInfo) layers.LinkType
	fragments *ip4defrag.IPv4Defragmenter
	streams   *tcpassembly.Assembler
	number    int // of the packet, counted from 1 as Wireshark does
}

// capture decodes all SIP in a pcap or pcapng file.
func (d *decoder) capture(r io.Reader) error {
	c := &Capture{Warn: d.warn, Message: func(place string, _ netip.AddrPort, raw []byte) { d.sipMessage(place, raw) }}
	return c.Read(r)
}

// Read takes all SIP out of a pcap or pcapng file. An error says behind which
// packet the file ends or breaks; what is before it was handed over.
func (c *Capture) Read(r io.Reader) error {
	c.fragments = ip4defrag.NewIPv4Defragmenter()
	c.streams = tcpassembly.NewAssembler(tcpassembly.NewStreamPool(&streamFactory{c}))
	// A stream with a hole is given up on, not kept: hostile captures are read too.
	c.streams.MaxBufferedPagesPerConnection, c.streams.MaxBufferedPagesTotal = 64, 1<<14
	source, err := c.open(r)
	if err != nil {
		return err
	}
	for {
		data, info, err := source.ReadPacketData()
		if err == io.EOF && info.CaptureLength > 0 {
			err = io.ErrUnexpectedEOF // cut between a packet's header and the packet
		}
		if err != nil {
			c.streams.FlushAll()
			return captureEnd(err, c.number)
		}
		c.number++
		c.packet(data, info)
	}
}

func (c *Capture) open(r io.Reader) (packetSource, error) {
	magic := make([]byte, len(ngMagic))
	if _, err := io.ReadFull(r, magic); err != nil {
		return nil, err
	}
	r = io.MultiReader(bytes.NewReader(magic), r)
	if string(magic) != ngMagic {
		source, err := pcapgo.NewReader(r)
		if err != nil {
			return nil, err
		}
		c.link = func(gopacket.CaptureInfo) layers.LinkType { return source.LinkType() }
		return source, nil
	}
	source, err := pcapgo.NewNgReader(r, pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
	if err != nil {
		return nil, err
	}
	c.link = func(info gopacket.CaptureInfo) layers.LinkType {
		if len(info.AncillaryData) > 0 {
			if link, ok := info.AncillaryData[0].(layers.LinkType); ok {
				return link
			}
		}
		return source.LinkType()
	}
	return source, nil
}

// captureEnd: a capture that was cut while tcpdump wrote it ends anywhere.
func captureEnd(err error, packets int) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("after packet %d: %w", packets, err)
}

func (c *Capture) packet(data []byte, info gopacket.CaptureInfo) {
	options := gopacket.DecodeOptions{Lazy: true, NoCopy: true}
	p := gopacket.NewPacket(data, c.link(info), options)
	flow := p.NetworkLayer()
	if flow == nil {
		return
	}
	if ip, ok := flow.(*layers.IPv4); ok {
		whole, err := c.fragments.DefragIPv4WithTimestamp(ip, info.Timestamp)
		if err != nil {
			c.Warn(fmt.Sprintf("packet %d", c.number), "fragment: %v", err)
			return
		}
		if whole == nil {
			c.forget(info.Timestamp)
			return
		}
		if whole != ip {
			p = gopacket.NewPacket(whole.Payload, whole.NextLayerType(), options)
		}
	}
	switch t := p.TransportLayer().(type) {
	case *layers.UDP:
		if isSIP(t.Payload) {
			c.found(flow.NetworkFlow(), t.TransportFlow(), t.Payload)
		}
	case *layers.TCP:
		c.streams.AssembleWithTimestamp(flow.NetworkFlow(), t, info.Timestamp)
	}
}

// forget drops fragments whose datagram will not be completed any more; the
// kernel waits 30 s as well.
func (c *Capture) forget(now time.Time) {
	const often = 256
	if c.number%often == 0 {
		c.fragments.DiscardOlderThan(now.Add(-30 * time.Second))
	}
}

// found hands a message on.
func (c *Capture) found(network, transport gopacket.Flow, raw []byte) {
	addr, _ := netip.AddrFromSlice(network.Src().Raw())
	var port uint16
	if b := transport.Src().Raw(); len(b) == 2 {
		port = binary.BigEndian.Uint16(b)
	}
	c.Message(c.place(network, transport), netip.AddrPortFrom(addr.Unmap(), port), raw)
}

func (c *Capture) place(network, transport gopacket.Flow) string {
	from, to := network.Endpoints()
	source, destination := transport.Endpoints()
	return fmt.Sprintf("packet %d, %v port %v to %v port %v", c.number, from, source, to, destination)
}
