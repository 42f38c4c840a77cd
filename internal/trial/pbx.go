package trial

import (
	"context"
	"io"

	"sipid/internal/sipsim"
)

// PBX is a small agent PBX, and where its calls are printed.
type PBX struct {
	Listen  string // udp:ADDRESS:PORT; port 0 picks one and prints it
	Script  sipsim.Script
	Out     io.Writer
	Notices io.Writer // with JSON, for what is no object
	JSON    bool      // an object for each call when it is over, instead of lines
}

// Answer answers calls until ctx is done.
func Answer(ctx context.Context, p PBX) error {
	out := newPBXPrinter(p.Out, p.Notices, p.JSON)
	pbx, err := sipsim.NewPBX(sipsim.PBXConfig{
		Listen: p.Listen, Script: p.Script,
		OnInvite: out.invite, OnEvent: out.event, OnEnd: out.end,
	})
	if err != nil {
		return err
	}
	out.begin(pbx.Addr())
	return pbx.Serve(ctx)
}
