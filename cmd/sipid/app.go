package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"
)

const appDescription = `sipid takes calls from VAS platforms (SIP-I: an INVITE that carries ISUP), finds
out from the original called number which client sent the caller, and hands
the call to the agent PBX with the client's name in plain SIP headers.

A first call on one machine:
   sipid demo

The same by hand, each in its own terminal:
   sipid client add --access-id 1001 --name "Hangzhou switchboard" --endpoint https://a.example/sipid
   sipid pbx --listen udp:127.0.0.1:5080
   sipid serve --pbx sip:127.0.0.1:5080
   sipid call --to 127.0.0.1:5060 --access-id 1001 --serial 00000042

Every flag can be given in the environment too: --db is SIPID_DB.
Exit codes: 0 done, 1 an error (one line on standard error), 2 wrong usage.`

// newApp builds the whole command line; it reads and writes nothing until it
// runs, so a test can drive it like a terminal.
func newApp(stdout, stderr io.Writer) *cli.App {
	app := &cli.App{
		Name:                 "sipid",
		Usage:                "SIP-I identification daemon: who sent this caller?",
		Description:          appDescription,
		Version:              versionString(),
		Writer:               stdout,
		ErrWriter:            stderr,
		EnableBashCompletion: true,
		Suggest:              true,
		Commands:             commands(),
		Action:               unknownCommand,
		OnUsageError:         onUsageError,
		// Errors go back to run, which is the one place that prints them.
		ExitErrHandler: func(*cli.Context, error) {},
	}
	prepare(app.Commands)
	return app
}

// commands lists what sipid can do, in the order of its help.
func commands() []*cli.Command {
	return []*cli.Command{
		serveCommand(),
		checkCommand(),
		clientCommand(),
		routeCommand(),
		decodeCommand(),
		callCommand(),
		pbxCommand(),
		vasCommand(),
		callsCommand(),
		targetCommand(),
		demoCommand(),
		versionCommand(),
	}
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := newApp(stdout, stderr).RunContext(ctx, args)
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "sipid: "+strings.TrimRight(err.Error(), "\n"))
	var coder cli.ExitCoder
	if errors.As(err, &coder) {
		return coder.ExitCode()
	}
	return 1
}

// usageError is a mistake in the command line itself: exit code 2.
type usageError struct{ err error }

// Error says what was wrong with the command line.
func (e *usageError) Error() string { return e.err.Error() }

// Unwrap is the error behind it.
func (e *usageError) Unwrap() error { return e.err }

// ExitCode makes a usage error a cli.ExitCoder.
func (e *usageError) ExitCode() int { return 2 }

// usagef makes a usage error; the text says what was wrong with the command
// line and, where that helps, what would be right.
func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// needFlags refuses a command line that lacks one of the named flags. It is
// used instead of cli's Required, which prints the whole help and exits 1.
func needFlags(c *cli.Context, names ...string) error {
	for _, name := range names {
		if !c.IsSet(name) {
			return usagef("--%s is missing; see %s --help", name, c.Command.HelpName)
		}
	}
	return nil
}

// noArgs refuses words behind the flags: cli would ignore them silently, and
// with them every flag that follows.
func noArgs(c *cli.Context) error {
	if c.Args().Present() {
		return usagef("unexpected argument %q; see %s --help", c.Args().First(), c.Command.HelpName)
	}
	return nil
}

// prepare gives every command, at any depth, the same manners.
func prepare(commands []*cli.Command) {
	for _, c := range commands {
		c.OnUsageError = onUsageError
		// A leaf's first word is an argument (a file may be called "help").
		c.HideHelpCommand = len(c.Subcommands) == 0
		if len(c.Subcommands) > 0 && c.Action == nil {
			c.Action = unknownCommand
		}
		prepare(c.Subcommands)
	}
}

// onUsageError turns a flag error into one line and exit code 2.
func onUsageError(c *cli.Context, err error, _ bool) error {
	const undefined = "flag provided but not defined: -"
	name, ok := strings.CutPrefix(err.Error(), undefined)
	if !ok {
		return usagef("%w; see %s --help", err, c.Command.HelpName)
	}
	name = strings.TrimLeft(name, "-")
	hint := strings.TrimLeft(cli.SuggestFlag(c.Command.Flags, name, false), "-")
	if plausible(name, hint) {
		return usagef("unknown flag --%s, did you mean --%s?", name, hint)
	}
	return usagef("unknown flag --%s; see %s --help", name, c.Command.HelpName)
}

// plausible tells whether a suggestion is worth showing. cli always has one,
// however far off; typing mistakes seldom hit the first letter.
func plausible(typed, hint string) bool {
	return typed != "" && len(hint) > 1 && typed[0] == hint[0]
}

// unknownCommand runs where a command name was expected: without any word it
// shows the help, with a wrong one it says so.
func unknownCommand(c *cli.Context) error {
	if !c.Args().Present() {
		return showHelp(c)
	}
	name := c.Args().First()
	hint := nearestCommand(c.Command.Subcommands, name)
	if plausible(name, hint) {
		return usagef("unknown command %q, did you mean %q?", name, hint)
	}
	return usagef("unknown command %q; see %s --help", name, c.Command.HelpName)
}

// nearestCommand is cli's suggestion without the sentence around it.
func nearestCommand(commands []*cli.Command, name string) string {
	_, hint, _ := strings.Cut(cli.SuggestCommand(commands, name), `"`)
	hint, _, _ = strings.Cut(hint, `"`)
	return hint
}

func showHelp(c *cli.Context) error {
	if len(c.Lineage()) <= 2 {
		return cli.ShowAppHelp(c)
	}
	return cli.ShowSubcommandHelp(c)
}
