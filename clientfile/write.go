package clientfile

import (
	"bufio"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"

	"sipid/router"
)

// Write writes clients, in their order. Read reads them back.
func Write(out io.Writer, clients []router.Client) error {
	w := csv.NewWriter(out)
	if err := w.Write(Columns()); err != nil {
		return err
	}
	for i := range clients {
		if err := w.Write(Record(&clients[i])); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// WriteFile writes a file whole or not at all: the old one stays until the new
// one is complete.
func WriteFile(name string, clients []router.Client) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone by then if all went well
	b := bufio.NewWriter(f)
	err = Write(b, clients)
	if err == nil {
		err = b.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
