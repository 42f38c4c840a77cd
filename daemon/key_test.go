package daemon_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sipid/daemon"
)

func TestKeyFile(t *testing.T) {
	t.Run("OK", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sipid.key")
		key, err := daemon.LoadKey(path)
		if err != nil || len(key) != 32 {
			t.Fatalf("key %x, %v", key, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
		}
		again, err := daemon.LoadKey(path)
		if err != nil || !bytes.Equal(key, again) {
			t.Errorf("second start: %x, %v, want %x", again, err, key)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 1 {
			t.Errorf("left beside the key: %v, %v", entries, err)
		}
	})
	t.Run("StartsAtOnceAgree", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sipid.key")
		keys := make([][]byte, 8)
		var starts sync.WaitGroup
		for i := range keys {
			starts.Go(func() { keys[i], _ = daemon.LoadKey(path) })
		}
		starts.Wait()
		for _, key := range keys {
			if len(key) != 32 || !bytes.Equal(key, keys[0]) {
				t.Fatalf("keys differ: %x", keys)
			}
		}
	})
	for name, content := range map[string]string{
		"ErrEmpty": "", "ErrShort": strings.Repeat("0", 63), "ErrLong": strings.Repeat("0", 66), "ErrNoHex": strings.Repeat("x", 64),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sipid.key")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := daemon.LoadKey(path); err == nil || !strings.Contains(err.Error(), path+": 64 hexadecimal digits are expected") {
				t.Errorf("error %v", err)
			}
			if now, _ := os.ReadFile(path); string(now) != content {
				t.Errorf("the file was changed to %q", now)
			}
		})
	}
	t.Run("ErrFolderMissing", func(t *testing.T) {
		if _, err := daemon.LoadKey(filepath.Join(t.TempDir(), "none", "sipid.key")); err == nil || !strings.HasPrefix(err.Error(), "make key file: ") {
			t.Errorf("error %v", err)
		}
	})
}
