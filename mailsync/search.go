package mailsync

import (
	"context"
	"fmt"
	"time"

	"tmail/account"
	"tmail/message"
	"tmail/store"
	"tmail/transport/imap"
)

// searchTime is how long servers are asked for one search, all folders together.
const searchTime = time.Minute

// Found is what a server found.
type Found struct {
	IDs     []store.ID // messages that are here, but not their text
	Missing []Finds    // those that are not here
}

// Finds are messages of a folder.
type Finds struct {
	Folder store.ID
	UIDs   []uint32
}

// Left is how many messages are not here.
func (f Found) Left() (n int) {
	for _, finds := range f.Missing {
		n += len(finds.UIDs)
	}
	return n
}

// Search asks the server of an account for messages whose text is not stored here: those of a folder, or with folder 0
// of all. It returns those that do not contradict what is known of them. It has a connection of its
// own, which ends with it: nobody waits for a search. Over POP3 there is nothing to ask: all there is is stored.
func (e *Engine) Search(ctx context.Context, name string, folder store.ID, q store.Query) (Found, error) {
	w := e.workers[name]
	if w == nil {
		return Found{}, fmt.Errorf("%w: %s", errUnknownAccount, name)
	}
	criteria, asks := criteriaOf(q)
	if !asks || w.account.Incoming.Protocol == account.ProtocolPOP3 {
		return Found{}, nil
	}
	folders, err := e.foldersToSearch(ctx, name, folder)
	if err != nil || len(folders) == 0 {
		return Found{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	dialer := w.dialer
	client, err := imap.Dial(ctx, &dialer, w.account.Incoming)
	if err != nil {
		return Found{}, fmt.Errorf("search on the server of %s: %w", name, err)
	}
	defer client.Close()
	var found Found
	for _, f := range folders {
		uids, err := searchFolder(ctx, client, f, criteria)
		if err == nil {
			err = e.judge(ctx, &found, q, Finds{f.ID, uids})
		}
		if err != nil && !client.Stands() {
			return found, fmt.Errorf("search on the server of %s: %w", name, err)
		} // a folder that is refused is passed over
	}
	return found, nil
}

// judge adds what is believed of finds.
func (e *Engine) judge(ctx context.Context, found *Found, q store.Query, finds Finds) error {
	if len(finds.UIDs) == 0 {
		return nil
	}
	ids, missing, err := e.store.Search.Credible(ctx, q, finds.Folder, finds.UIDs)
	found.IDs = append(found.IDs, ids...)
	if len(missing) > 0 {
		found.Missing = append(found.Missing, Finds{finds.Folder, missing})
	}
	return err
}

// How long FetchFound waits for messages to come, and how often it looks.
const (
	comingTime  = 30 * time.Second
	comingEvery = 200 * time.Millisecond
)

// FetchFound has the account synchronised, and waits for the messages that a search found on the server and not here.
// It returns those that came, and what is missing still.
func (e *Engine) FetchFound(ctx context.Context, name string, q store.Query, missing []Finds) (Found, error) {
	ctx, cancel := context.WithTimeout(ctx, comingTime)
	defer cancel()
	changed := e.store.Watch(ctx)
	e.Refresh(name)
	for {
		left, err := e.stillMissing(ctx, missing)
		if err == nil && left == 0 || ctx.Err() != nil {
			break
		}
		if err != nil {
			return Found{}, err
		}
		<-changed // closed when ctx ends
		select {
		case <-time.After(comingEvery):
		case <-ctx.Done():
		}
	}
	var found Found
	ctx = context.WithoutCancel(ctx)
	for _, finds := range missing {
		if err := e.judge(ctx, &found, q, finds); err != nil {
			return found, err
		}
	}
	return found, nil
}

func (e *Engine) stillMissing(ctx context.Context, finds []Finds) (left int, err error) {
	for _, f := range finds {
		missing, err := e.store.Search.Missing(ctx, f.Folder, f.UIDs)
		if err != nil {
			return 0, err
		}
		left += len(missing)
	}
	return left, nil
}

// foldersToSearch are the folders of an account that a server may know more of than we.
func (e *Engine) foldersToSearch(ctx context.Context, name string, folder store.ID) ([]store.FolderRef, error) {
	all, err := e.store.Remote.Folders(ctx, name)
	if err != nil {
		return nil, err
	}
	var some []store.FolderRef
	for _, f := range all {
		if folder != 0 && f.ID != folder {
			continue
		}
		lacking, err := e.store.Search.Lacks(ctx, f.ID)
		if err != nil {
			return nil, err
		}
		state, err := e.store.Remote.State(ctx, f.ID)
		if err != nil {
			return nil, err
		}
		if lacking || !state.Synced {
			some = append(some, f)
		}
	}
	return some, nil
}

func searchFolder(ctx context.Context, client *imap.Client, f store.FolderRef, criteria imap.Criteria) ([]uint32, error) {
	status, err := client.Select(ctx, f.Name)
	if err != nil {
		return nil, err
	}
	if status.UIDValidity != f.UIDValidity && f.UIDValidity != 0 { // 0: it is being read for the first time
		return nil, errChanged
	}
	uids, err := client.Search(ctx, criteria)
	list := make([]uint32, len(uids))
	for i, uid := range uids {
		list[i] = uint32(uid)
	}
	return list, err
}

// asked is a part of a query as a server is asked for it.
type asked struct {
	imap.Criteria
	exact bool // it means just that, so that it can be denied
	text  bool // it looks into texts
}

// criteriaOf writes a query as a server understands it: never asking for less. There is nothing to ask for when no
// words are looked for in texts; all else is known here.
func criteriaOf(q store.Query) (c imap.Criteria, asks bool) {
	join := func(how func(...imap.Criteria) imap.Criteria) func([]asked) asked {
		return func(list []asked) asked {
			a := asked{exact: true}
			var parts []imap.Criteria
			for _, each := range list {
				a.exact, a.text = a.exact && each.exact, a.text || each.text
				parts = append(parts, each.Criteria)
			}
			if len(parts) > 0 {
				a.Criteria = how(parts...)
			}
			return a
		}
	}
	whole := asked{}
	a := store.Translate(q, store.Terms[asked]{
		All: join(imap.All), Any: join(imap.Any),
		Not: func(a asked) asked {
			if !a.exact {
				return whole
			}
			return asked{imap.Not(a.Criteria), true, false}
		},
		Words: func(in store.WordField, words string) asked {
			return asked{imap.Words(searchIn[in], words), true, searchIn[in] == imap.SearchBody || searchIn[in] == imap.SearchText}
		},
		Flag: func(f message.Flags) asked { return asked{imap.Flag(f), true, false} },
		// Gmail goes by when mail came, and where we do not know Date, so do we.
		Since:  func(t time.Time) asked { return asked{imap.Since(t.AddDate(0, 0, -1)), false, false} },
		Before: func(t time.Time) asked { return asked{imap.Before(t.AddDate(0, 0, 2)), false, false} },
		Larger: func(n int64) asked { return asked{imap.Larger(n), false, false} },
		Smaller: func(n int64) asked {
			if n <= 0 {
				return whole
			}
			return asked{imap.Smaller(n), false, false}
		},
		Other: func() asked { return whole },
	})
	return a.Criteria, a.text
}

var searchIn = map[store.WordField]imap.SearchIn{
	store.WordsAnywhere: imap.SearchText, store.WordsInSubject: imap.SearchSubject, store.WordsInFrom: imap.SearchFrom,
	store.WordsInTo: imap.SearchTo, store.WordsInCc: imap.SearchCc, store.WordsInBody: imap.SearchBody, store.WordsInFiles: imap.SearchText,
}
