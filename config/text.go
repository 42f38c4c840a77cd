package config

import (
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// text is a scalar exactly as it stands in the file. YAML reads an unquoted
// 010 as the number eight; access IDs, prefixes and names are digits whose
// leading zeros count, so the written characters are kept instead.
type text string

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (t *text) UnmarshalYAML(node ast.Node) error {
	switch n := node.(type) {
	case *ast.NullNode:
		*t = ""
	case *ast.StringNode:
		*t = text(n.Value)
	case *ast.LiteralNode:
		*t = text(n.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		*t = text(node.GetToken().Value)
	default:
		return wrongShape(node, "one value")
	}
	return nil
}

// textList is a list of values, or one value without the brackets.
type textList []text

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (l *textList) UnmarshalYAML(node ast.Node) error {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		*l = make(textList, 1)
		return (*l)[0].UnmarshalYAML(node)
	}
	*l = make(textList, len(sequence.Values))
	for i, value := range sequence.Values {
		if err := (*l)[i].UnmarshalYAML(value); err != nil {
			return err
		}
	}
	return nil
}

func wrongShape(node ast.Node, want string) error {
	return &yaml.SyntaxError{
		Message: want + " expected, not a " + node.Type().YAMLName(),
		Token:   node.GetToken(),
	}
}
