package store

import (
	"context"
	"database/sql"
)

// Pages of the log.
const (
	checkpointAt = 1000 // so many are moved to where they belong, in the background
	writerHelps  = 8000 // with so many, who commits does it, so that the log does not grow for ever
)

// checkpoints moves what was committed from the log into the database, so that
// nobody who writes has to wait for the disk to have taken megabytes of what
// others wrote. It returns when ctx ends.
func (d *database) checkpoints(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.committed:
		}
		// What fails here fails where somebody reads or writes, who can say so.
		_ = recovering(func() error {
			waiting, err := d.checkpoint(ctx, "NOOP")
			if err == nil && waiting >= checkpointAt {
				_, err = d.checkpoint(ctx, "PASSIVE") // waits for nobody, and nobody waits for it
			}
			return err
		})
	}
}

// checkpoint returns how many pages of the log are to be moved yet.
func (d *database) checkpoint(ctx context.Context, how string) (waiting int, err error) {
	return one(d.reading(ctx), func(rows *sql.Rows) (int, error) {
		var busy, log, moved int
		err := rows.Scan(&busy, &log, &moved)
		return log - moved, err
	}, "PRAGMA wal_checkpoint("+how+")")
}
