package daemon

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyOctets is the length of the key that signs branches and Record-Route.
const keyOctets = 32

// loadKey reads the key file and makes it at the first start. Every process
// that shares the calls must share the file.
func loadKey(path string) ([]byte, error) {
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createKey(path)
	}
	return key, err
}

// readKey reads a key file: 64 hexadecimal digits.
func readKey(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(content)))
	if err != nil || len(key) != keyOctets {
		return nil, fmt.Errorf("key file %s: %d hexadecimal digits are expected; remove the file and a new key is made (calls that are up lose their signed routes)", path, 2*keyOctets)
	}
	return key, nil
}

// createKey writes a new key so that it is there whole or not at all: the
// content goes to a temporary file first, and Link fails when another process
// was faster, whose key is then ours too.
func createKey(path string) ([]byte, error) {
	key := make([]byte, keyOctets)
	rand.Read(key) // never fails, crypto/rand
	temporary, err := os.CreateTemp(filepath.Dir(path), ".sipid.key-*")
	if err != nil {
		return nil, fmt.Errorf("make key file: %w", err)
	}
	defer os.Remove(temporary.Name())
	_, err = fmt.Fprintf(temporary, "%x\n", key)
	if err := errors.Join(err, temporary.Chmod(0o600), temporary.Sync(), temporary.Close()); err != nil {
		return nil, fmt.Errorf("make key file: %w", err)
	}
	err = os.Link(temporary.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return readKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("make key file: %w", err)
	}
	return key, nil
}
