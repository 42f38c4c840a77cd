package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// version is different after every write to the file, by whatever means.
type version struct {
	file fileState
	data int64 // PRAGMA data_version: only one connection's values compare
}

// poller asks for the version of a file, cheaply. It keeps one connection open;
// between two questions the connection holds no lock.
type poller struct {
	path string
	id   fileID // of the file that conn has open
	db   *sql.DB
	conn *sql.Conn
}

func (p *poller) version(ctx context.Context) (version, error) {
	file, err := statFile(p.path)
	if err != nil {
		p.close()
		return version{}, err
	}
	if p.conn == nil || p.id != file.id {
		if err := p.open(ctx, file.id); err != nil {
			p.close()
			return version{}, storeError(ctx, err)
		}
	}
	v := version{file: file}
	err = p.conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&v.data)
	if err := storeError(ctx, err); err != nil {
		if !errors.Is(err, ErrLocked) {
			p.close()
		}
		return version{}, err
	}
	return v, nil
}

func (p *poller) open(ctx context.Context, id fileID) (err error) {
	p.close()
	p.id = id
	if p.db, err = openPool(p.path, readerOptions, pollWait, 1); err != nil {
		return err
	}
	p.conn, err = p.db.Conn(ctx)
	return err
}

func (p *poller) close() {
	if p.conn != nil {
		p.conn.Close()
	}
	if p.db != nil {
		p.db.Close()
	}
	p.conn, p.db = nil, nil
}
