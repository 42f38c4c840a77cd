package transport

import (
	"encoding/binary"
	"math"
	"os"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

const (
	// udpHeader is what a filter of a UDP socket sees before the payload, in octets.
	udpHeader = 8
	// The filter looks at a datagram in groups of so many octets: a conditional jump
	// of its machine goes no further than 255 instructions.
	filterGroup = 24 * 4
	// filterGroups are as many groups as hold the header lines that matter: putting
	// such a filter in place takes a millisecond, and it is done when the share
	// changes. A kernel before 6.7 has memory for fewer (net.core.optmem_max), for 4
	// by default.
	filterGroups = 6
	// filterSeed and filterPrime are of the hash, which is that of FNV with words for
	// octets.
	filterSeed  = 2166136261
	filterPrime = 16777619
)

// admit has the kernel drop INVITEs before they are queued, at about a hundredth
// of what handling one costs. Those within a call pass (RouteMark). For the
// others it goes by what they say, so that what a peer repeats fares as it did
// the first time: a call that is let in is let in at once, and one that is not
// costs nothing however often it is repeated.
func (s *udpSocket) admit(share float64) error {
	if share >= 1 {
		return s.admitAll()
	}
	err := s.attach(inviteFilter(share, filterGroups))
	if err == unix.ENOMEM {
		if err := s.admitAll(); err != nil { // the last one's memory may be missing
			return err
		}
		for groups := filterGroups; groups > 0 && err == unix.ENOMEM; groups-- {
			err = s.attach(inviteFilter(share, groups))
		}
	}
	return os.NewSyscallError("setsockopt SO_ATTACH_FILTER", err)
}

func (s *udpSocket) admitAll() error {
	err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
	if err == unix.ENOENT { // there is none
		return nil
	}
	return os.NewSyscallError("setsockopt SO_DETACH_FILTER", err)
}

// attach gives the error as the kernel's number.
func (s *udpSocket) attach(filter []bpf.Instruction) error {
	raw, err := bpf.Assemble(filter)
	if err != nil {
		return err
	}
	code := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		code[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	program := unix.SockFprog{Len: uint16(len(code)), Filter: unsafe.SliceData(code)}
	return unix.SetsockoptSockFprog(s.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program)
}

// inviteFilter takes all datagrams but those that begin with "INVITE ", of these
// those within a call, and of the others a share. It looks at so many groups. A
// load beyond the end of a datagram would drop it, so each group is looked at
// only where it is there, and what is behind the last one by tailFilter.
func inviteFilter(share float64, groups int) []bpf.Instruction {
	most := uint32(max(share, 0) * math.MaxUint32)
	f := []bpf.Instruction{
		bpf.LoadExtension{Num: bpf.ExtLen},
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: udpHeader + uint32(len("INVITE ")), SkipTrue: 6},
		bpf.LoadAbsolute{Off: udpHeader, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 'I'<<24 | 'N'<<16 | 'V'<<8 | 'I', SkipTrue: 4},
		bpf.LoadAbsolute{Off: udpHeader + 3, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 'I'<<24 | 'T'<<16 | 'E'<<8 | ' ', SkipTrue: 2},
		bpf.LoadConstant{Dst: bpf.RegX, Val: filterSeed}, // X is the hash
		bpf.Jump{Skip: 1},
		bpf.RetConstant{Val: math.MaxUint32},
	}
	const drawn = 3 // instructions in which too short ones are drawn
	group, tail := filterGroup/4*filterWord+5, tailFilter()
	for i := range groups {
		end := uint32(group*(groups-i)-3) + 1 // from the third instruction to the tail
		if i == 0 {
			end += uint32(len(tail)) + 1 // to the drawing
		}
		f = append(f, bpf.LoadExtension{Num: bpf.ExtLen},
			bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: udpHeader + uint32(i+1)*filterGroup, SkipTrue: 1},
			bpf.Jump{Skip: end})
		f = append(f, groupFilter(uint32(udpHeader+i*filterGroup))...)
	}
	f = append(f, bpf.Jump{Skip: uint32(len(tail)) + drawn})
	f = append(f, tail...)
	return append(f,
		bpf.Jump{Skip: drawn - 1},
		bpf.LoadExtension{Num: bpf.ExtRand},
		bpf.TAX{},
		bpf.TXA{},
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: most, SkipTrue: 1},
		bpf.RetConstant{Val: math.MaxUint32},
		bpf.RetConstant{Val: 0},
	)
}

// filterWord is how many instructions a word of a datagram takes, tailWord one of its tail.
const (
	filterWord = 8
	tailWord   = 5
)

// groupFilter takes a datagram whose group has a word of the RouteMark, and adds
// the group to the hash.
func groupFilter(off uint32) (f []bpf.Instruction) {
	const length = filterGroup / 4 * filterWord
	for i := range uint32(filterGroup / 4) {
		f = append(f, bpf.LoadAbsolute{Off: off + 4*i, Size: 4})
		f = appendMarked(f, length+1)
		f = append(f, bpf.ALUOpX{Op: bpf.ALUOpXor}, bpf.ALUOpConstant{Op: bpf.ALUOpMul, Val: filterPrime}, bpf.TAX{})
	}
	return append(f, bpf.Jump{Skip: 1}, bpf.RetConstant{Val: math.MaxUint32})
}

// tailFilter takes a datagram that has a word of the RouteMark in its last octets, as
// many as a group has. It leaves the hash as it is.
func tailFilter() []bpf.Instruction {
	const taken = 6 + filterGroup/4*tailWord // where the last instruction is
	f := []bpf.Instruction{
		bpf.StoreScratch{Src: bpf.RegX},
		bpf.LoadExtension{Num: bpf.ExtLen},
		bpf.ALUOpConstant{Op: bpf.ALUOpSub, Val: filterGroup},
		bpf.TAX{}, // X is where they begin
	}
	for i := range uint32(filterGroup / 4) {
		f = append(f, bpf.LoadIndirect{Off: 4 * i, Size: 4})
		f = appendMarked(f, taken)
	}
	return append(f, bpf.LoadScratch{Dst: bpf.RegX}, bpf.Jump{Skip: 1}, bpf.RetConstant{Val: math.MaxUint32})
}

// appendMarked jumps to the instruction at that place where the word just loaded is
// one of the RouteMark.
func appendMarked(f []bpf.Instruction, at int) []bpf.Instruction {
	for j := range len(RouteMark) - 3 {
		word := binary.BigEndian.Uint32([]byte(RouteMark[j : j+4]))
		f = append(f, bpf.JumpIf{Cond: bpf.JumpEqual, Val: word, SkipTrue: uint8(at - len(f) - 1)})
	}
	return f
}
