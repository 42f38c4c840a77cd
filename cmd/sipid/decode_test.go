package main_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/urfave/cli/v2"

	main "sipid/cmd/sipid"
)

// runDecode runs `sipid decode` with those arguments.
func runDecode(stdin io.Reader, args ...string) (stdout, stderr string, err error) {
	var out, warnings bytes.Buffer
	app := &cli.App{
		Commands: []*cli.Command{main.DecodeCommand()},
		Reader:   stdin, Writer: &out, ErrWriter: &warnings,
		ExitErrHandler: func(*cli.Context, error) {},
	}
	err = app.Run(append([]string{"sipid", "decode"}, args...))
	return out.String(), warnings.String(), err
}

func TestTmp(t *testing.T) {
	for _, a := range [][]string{
		{"010020010a0302070503905961f53d010d0a088313758188888808280a0310011000002143658700"}, {"--json", "010020010a0302070503905961f53d010d0a088313758188888808280a0310011000002143658700"},
		{"--json", "0900", "0c0200028a91"}, {"01", "00", "20"}, {"0b0001"}, {"/work/shared/torture/base-sipi-invite.sip"}, {"/work/shared/torture/isup-opt-real-extras.sip"}, {"xyz"}, {"--json", "/work/shared/torture/base-sdp-only.sip"},
		{"/work/shared/vectors/sip/quirk-base64.sip"}, {"/work/shared/vectors/sip/quirk-ansi.sip"}, {"/work/shared/torture/cve-2021-41145-flood.sip"},
		{"/work/shared/vectors/sip/kamailio-cve.sip"}, {"/work/shared/vectors/sip/resp-183-pycrate-acm.sip"}, {"2c010111021434f10803fc05fe03003200fd0480"},
		{"010000000a03020907839021436587090a0783132143650700130233352807830421436517000b078314214365170000"},
	} {
		out, e, err := runDecode(nil, a...)
		t.Logf("%.80q\n%s%s%v", a, out, e, err)
	}
}
