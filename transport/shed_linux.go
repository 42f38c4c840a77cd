package transport

import (
	"math"
	"os"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// udpHeader is what a filter of a UDP socket sees before the payload, in octets.
const udpHeader = 8

// admit has the kernel drop INVITEs before they are queued, at about a hundredth
// of what reading one costs. Which ones is drawn for each datagram anew.
func (s *udpSocket) admit(share float64) error {
	if share >= 1 {
		err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
		if err == unix.ENOENT { // there is none
			return nil
		}
		return os.NewSyscallError("setsockopt SO_DETACH_FILTER", err)
	}
	raw, err := bpf.Assemble(inviteFilter(share))
	if err != nil {
		return err
	}
	code := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		code[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	program := unix.SockFprog{Len: uint16(len(code)), Filter: unsafe.SliceData(code)}
	return os.NewSyscallError("setsockopt SO_ATTACH_FILTER", unix.SetsockoptSockFprog(s.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program))
}

// inviteFilter takes all datagrams but those that begin with "INVITE ", and of
// these a share. A load beyond the end of a datagram would drop it: short ones, as
// keep-alives are, pass first.
func inviteFilter(share float64) []bpf.Instruction {
	most := uint32(max(share, 0) * math.MaxUint32)
	return []bpf.Instruction{
		bpf.LoadExtension{Num: bpf.ExtLen},
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: udpHeader + uint32(len("INVITE ")), SkipTrue: 8},
		bpf.LoadAbsolute{Off: udpHeader, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 'I'<<24 | 'N'<<16 | 'V'<<8 | 'I', SkipTrue: 6},
		bpf.LoadAbsolute{Off: udpHeader + 4, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 'T'<<8 | 'E', SkipTrue: 4},
		bpf.LoadAbsolute{Off: udpHeader + 6, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: ' ', SkipTrue: 2},
		bpf.LoadExtension{Num: bpf.ExtRand},
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: most, SkipTrue: 1},
		bpf.RetConstant{Val: math.MaxUint32},
		bpf.RetConstant{Val: 0},
	}
}
