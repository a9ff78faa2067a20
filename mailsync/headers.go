package mailsync

import (
	"cmp"
	"context"
	"time"

	"tmail/store"
	"tmail/transport/imap"
)

// New messages are read in batches that take about batchTime: what the person asks for waits no longer. The first one
// is small, so that the screen has something at once.
const (
	firstHeaders = 100
	maxHeaders   = 2000
	batchTime    = 200 * time.Millisecond
)

// read fetches the headers of new messages, newest first, while those before them are read and stored. Between batches it does
// what the person waits for. How far the folder is known is noted when all of it is stored.
func (s *imapSide) read(ctx context.Context, news additions) error {
	folder, err := s.store.Index.Folder(ctx, news.folder.ID)
	if err != nil {
		return err
	}
	stored := 0
	storing := convey(func(batch *store.Batch) error {
		if _, err := s.store.Remote.AddBatch(ctx, news.folder.ID, batch); err != nil {
			return err
		}
		stored += len(batch.List)
		return s.remember(ctx, folder.Role, batch.List)
	})
	reading := before(storing, prepare)
	complete, err := s.fetchHeaders(ctx, news, reading)
	err = cmp.Or(reading.close(), err)
	s.counts.new += stored
	if err != nil {
		return err
	}
	if !complete {
		s.todo.refresh()
		return nil
	}
	return s.store.Remote.SetState(ctx, news.folder.ID, news.state)
}

// fetchHeaders is not complete when UIDVALIDITY changed on the way.
func (s *imapSide) fetchHeaders(ctx context.Context, news additions, reading *conveyor[[]imap.Header]) (complete bool, err error) {
	total, size := len(news.uids), firstHeaders
	for done := 0; done < total; {
		if done > 0 {
			if err := s.urgent(ctx, s); err != nil {
				return false, err
			}
		}
		if err := s.open(ctx, news.folder.ID, news.folder.Name); err != nil {
			return false, err
		}
		if s.state.UIDValidity != news.state.UIDValidity {
			return false, nil
		}
		n := min(size, total-done)
		began := time.Now()
		batch := make([]imap.Header, 0, n)
		err := s.client.Headers(ctx, news.uids[done:done+n], func(h imap.Header) error {
			batch = append(batch, h)
			return nil
		})
		if err != nil {
			return false, err
		}
		if took := time.Since(began); took < batchTime/2 {
			size = min(2*size, maxHeaders)
		} else if took > 2*batchTime {
			size = max(size/2, firstHeaders)
		}
		if err := reading.put(batch); err != nil {
			return false, err
		}
		done += n
		s.progressed(ctx, done, total)
	}
	return true, nil
}

// prepare puts older messages before newer ones, so that they get lower ids: those of one second are listed by id.
func prepare(batch []imap.Header) *store.Batch {
	list := make([]store.NewMessage, len(batch))
	for i, h := range batch {
		list[len(list)-1-i] = newMessage(h)
		batch[i].Raw = nil // so much need not be kept longer
	}
	return store.Prepare(list)
}
