package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sipid/router"
	"sipid/sqlite"
)

// A write with a Store reaches a daemon through its Watcher.
func Example() {
	dir, err := os.MkdirTemp("", "sipid")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "sipid.db")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()

	store, err := sqlite.Open(ctx, path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()

	tables := make(chan *router.Table)
	watcher := sqlite.NewWatcher(sqlite.WatcherConfig{Path: path, OnTable: func(t *router.Table) { tables <- t }})
	go watcher.Run(ctx)
	fmt.Println("clients:", (<-tables).Len())

	err = store.AddClient(ctx, router.Client{
		AccessID: "1001", Name: "Hangzhou switchboard", Endpoint: "https://a.example/sipid", SerialDigits: 8, Enabled: true,
	}, "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	client, _ := (<-tables).Resolve([]byte("100100000042"))
	fmt.Println("client:", client.Name)
	// Output:
	// clients: 0
	// client: Hangzhou switchboard
}
