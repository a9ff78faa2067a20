package mailsync

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"tmail/store"
	"tmail/transport/pop3"
)

// A POP3 server names a message by its UIDL, and some give that of one that is gone to another. What the server did not
// have for a while or lists with another size, and what is to be deleted there, is therefore compared with what is known
// of it before it is taken for the same.

// maxHead is how much of a header counts, in bytes.
const maxHead = 64 << 10

// headOf is a digest of the header a message begins with. What servers write into that of a message they hold is left out.
func headOf(raw []byte) string {
	raw = raw[:min(len(raw), maxHead)]
	var lines [][]byte
	for kept := true; len(raw) > 0; {
		var line []byte
		line, raw, _ = bytes.Cut(raw, []byte{'\n'})
		if line = bytes.TrimRight(line, "\r"); len(line) == 0 {
			break
		}
		if line[0] != ' ' && line[0] != '\t' {
			kept = !isOfServer(line)
		}
		if kept {
			lines = append(lines, line)
		}
	}
	sum := sha256.Sum256(bytes.Join(lines, []byte{'\n'}))
	return hex.EncodeToString(sum[:16])
}

// ofServers are the fields with which mailbox files keep what is known of a message.
var ofServers = []string{"status", "x-status", "x-uid", "x-uidl", "x-keywords", "x-imap", "x-imapbase", "content-length"}

func isOfServer(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	return colon > 0 && colon <= len("content-length") && slices.Contains(ofServers, strings.ToLower(string(bytes.TrimSpace(line[:colon]))))
}

// apart tells of known messages, which are those that the server has under their UIDLs and which are gone, and their
// UIDLs given to others. Those that it does not let us look at are neither.
func (s *pop3Side) apart(ctx context.Context, client *pop3.Client, at map[string]pop3.Item, known []store.POPMessage) (same, gone []store.POPMessage, err error) {
	var ask, whole []pop3.Item
	by := map[string]store.POPMessage{}
	for _, m := range known {
		it := at[m.UIDL]
		by[m.UIDL] = m
		switch {
		case m.Head != "":
			ask = append(ask, it)
		case it.Size == m.Length:
			same = append(same, m)
		default:
			whole = append(whole, it)
		}
	}
	compare := func(refused *[]pop3.Item, digest func(io.Reader) (string, error), of func(store.POPMessage) string) func(pop3.Item, io.Reader) error {
		return func(it pop3.Item, r io.Reader) error {
			got, err := digest(r)
			switch {
			case notGiven(err):
				*refused = append(*refused, it)
				return nil
			case err != nil:
				return err
			case got == of(by[it.UIDL]):
				same = append(same, by[it.UIDL])
			default:
				s.log.Warn("the server gave a UIDL to another message", "uidl", it.UIDL)
				gone = append(gone, by[it.UIDL])
			}
			return nil
		}
	}
	head := func(m store.POPMessage) string { return m.Head }
	var withoutTop, neither []pop3.Item
	err = client.Heads(ctx, ask, compare(&withoutTop, readHead, head))
	if err == nil {
		err = client.Fetch(ctx, withoutTop, compare(&neither, readHead, head))
	}
	if err == nil {
		err = client.Fetch(ctx, whole, compare(&neither, readDigest, func(m store.POPMessage) string { return m.SHA256 }))
	}
	for _, it := range neither {
		s.refused[it.UIDL] = true
	}
	return same, gone, err
}

func readHead(r io.Reader) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxHead))
	return headOf(raw), err
}

func readDigest(r io.Reader) (string, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, r)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// settleDoubts finds out which of the messages that may not be those they are known as are, and fetches what has their
// UIDLs now.
func (s *pop3Side) settleDoubts(ctx context.Context, client *pop3.Client, at map[string]pop3.Item, doubtful []store.POPMessage) error {
	if len(doubtful) == 0 {
		return nil
	}
	same, gone, err := s.apart(ctx, client, at, doubtful)
	if err != nil {
		return err
	}
	if err := s.store.Remote.Confirmed(ctx, s.account.Name, same); err != nil {
		return err
	}
	return s.fetchInstead(ctx, client, at, gone)
}

// stillThere returns which of the messages to be deleted are still those that the server has under their UIDLs. Others
// that it has there are fetched.
func (s *pop3Side) stillThere(ctx context.Context, client *pop3.Client, at map[string]pop3.Item, doomed []store.POPMessage) ([]store.POPMessage, error) {
	same, gone, err := s.apart(ctx, client, at, doomed)
	if err != nil || len(gone) == 0 {
		return same, err
	}
	if err := s.fetchInstead(ctx, client, at, gone); err != nil {
		return nil, err
	}
	left, err := s.store.Remote.POPDeletes(ctx, s.account.Name, s.account.LeaveOnServer)
	for _, m := range left { // fetched whole, it was the same after all
		if slices.ContainsFunc(gone, func(g store.POPMessage) bool { return g.UIDL == m.UIDL && g.SHA256 == m.SHA256 }) {
			same = append(same, m)
		}
	}
	return same, err
}

// fetchInstead fetches what has the UIDLs of messages that are gone.
func (s *pop3Side) fetchInstead(ctx context.Context, client *pop3.Client, at map[string]pop3.Item, gone []store.POPMessage) error {
	return s.fetch(ctx, client, itemsOf(gone, at), true)
}
