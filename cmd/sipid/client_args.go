package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// arguments gives the words of a command line that are no flags, and reads the
// flags behind the first of them: cli stops there, and "client set 1001 --name
// X" is how people write it.
func arguments(c *cli.Context) ([]string, error) {
	var words []string
	rest := c.Args().Slice()
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		switch {
		case word == "--":
			return append(words, rest...), nil
		case len(word) < 2 || word[0] != '-':
			words = append(words, word)
		default:
			used, err := lateFlag(c, word, rest)
			if err != nil {
				return nil, err
			}
			rest = rest[used:]
		}
	}
	return words, nil
}

// lateFlag sets the flag that word is, and says how many of the words behind
// it were its value.
func lateFlag(c *cli.Context, word string, rest []string) (used int, err error) {
	name, value, ok := strings.Cut(strings.TrimLeft(word, "-"), "=")
	if name == "help" || name == "h" {
		return 0, usagef("put --help right behind the command: %s --help", c.Command.HelpName)
	}
	i := slices.IndexFunc(c.Command.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
	if i < 0 {
		return 0, usagef("unknown flag %s; see %s --help", word, c.Command.HelpName)
	}
	flag := c.Command.Flags[i]
	if !ok {
		switch _, isBool := flag.(*cli.BoolFlag); {
		case isBool:
			value = "true"
		case len(rest) == 0:
			return 0, usagef("flag %s needs a value", word)
		default:
			value, used = rest[0], 1
		}
	}
	if err := c.Set(flag.Names()[0], value); err != nil {
		return 0, usagef("flag %s: %w", word, err)
	}
	return used, nil
}
