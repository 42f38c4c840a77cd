package vas

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// maxSecret bounds a file that was meant to hold a secret.
const maxSecret = 64 << 10

// SecretRef says where a secret is: "env:NAME" or "file:PATH". The secret itself
// never stands in a configuration, and is read anew for every use, so that it
// can be replaced while the daemon runs.
type SecretRef string

// Validate checks the form. What it names is looked at by Read only.
func (r SecretRef) Validate() error {
	kind, rest, _ := strings.Cut(string(r), ":")
	if r != "" && (kind != "env" && kind != "file" || rest == "") {
		// What was written may be the secret: it is not repeated.
		return fmt.Errorf("vas: a secret is given as env:NAME or file:PATH")
	}
	return nil
}

// ErrUnset means that an environment variable is not set, or empty.
var ErrUnset = errors.New("vas: environment variable is not set")

// Read gives the secret without blanks around it; nothing for no reference.
func (r SecretRef) Read() (string, error) {
	b, err := r.read()
	return strings.TrimSpace(string(b)), err
}

func (r SecretRef) read() ([]byte, error) {
	if err := r.Validate(); err != nil || r == "" {
		return nil, err
	}
	if name, ok := strings.CutPrefix(string(r), "env:"); ok {
		if value := os.Getenv(name); value != "" {
			return []byte(value), nil
		}
		return nil, fmt.Errorf("%w: %s", ErrUnset, name)
	}
	path := strings.TrimPrefix(string(r), "file:")
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 || info.Size() > maxSecret || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("vas: %s: no file of 1 octet to 64 KB", path)
	}
	return os.ReadFile(path)
}
