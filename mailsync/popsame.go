package mailsync

import (
	"bytes"
	"cmp"
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
// of it before it is taken for the same. Once one proves to be another, all are compared.

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
		if m.Head != "" {
			ask = append(ask, it)
		} else {
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

// settle finds out which of the messages that may not be those they are known as are: those that the list puts in doubt
// and those to be deleted there. It returns what is to be fetched, in the order of the list, and which messages are sure.
// It is done before anything is fetched, so that what has another UIDL now is known by its content.
func (s *pop3Side) settle(ctx context.Context, client *pop3.Client, items []pop3.Item, at map[string]pop3.Item) (unknown []string, sure map[string]bool, err error) {
	sure = map[string]bool{}
	asked := map[string]bool{} // each once, for the server may refuse
	for {
		listing, err := s.store.Remote.ListedUIDLs(ctx, s.account.Name, listed(items))
		if err != nil {
			return nil, nil, err
		}
		doomed, err := s.store.Remote.POPDeletes(ctx, s.account.Name, s.account.LeaveOnServer)
		if err != nil {
			return nil, nil, err
		}
		var doubtful []store.POPMessage
		for _, m := range slices.Concat(listing.Doubtful, doomed) {
			if it, there := at[m.UIDL]; there && !asked[m.UIDL] {
				asked[m.UIDL] = true
				m.Size = it.Size
				doubtful = append(doubtful, m)
			}
		}
		if len(doubtful) == 0 {
			return listing.Unknown, sure, nil
		}
		same, gone, err := s.apart(ctx, client, at, doubtful)
		// What was compared before a link died need not be compared again.
		if err := cmp.Or(s.store.Remote.Settle(ctx, s.account.Name, same, gone), err); err != nil {
			return nil, nil, err
		}
		for _, m := range same {
			sure[m.UIDL] = true
		}
		if len(gone) == 0 {
			return listing.Unknown, sure, nil
		}
	}
}
