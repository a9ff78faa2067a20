package demo

import (
	"io"
	"log"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// capabilities are IMAP4rev1 and the extensions the sessions speak. IMAP4rev2
// is not among them: go-imap's client then sends mailbox names as UTF-8 without
// having enabled it.
var capabilities = imap.CapSet{
	imap.CapIMAP4rev1:        {},
	imap.CapNamespace:        {},
	imap.CapUIDPlus:          {},
	imap.CapESearch:          {},
	imap.CapListExtended:     {},
	imap.CapListStatus:       {},
	imap.CapMove:             {},
	imap.CapStatusSize:       {},
	imap.CapChildren:         {},
	imap.CapSpecialUse:       {},
	imap.CapCreateSpecialUse: {},
}

func newIMAPServer(s *Server) *imapserver.Server {
	return imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{server: s}, nil, nil
		},
		Caps:         capabilities,
		InsecureAuth: true, // loopback only
		Logger:       log.New(io.Discard, "", 0),
	})
}

// session is one IMAP connection (RFC 3501): what it is signed in to and what
// it has selected. Its methods are called one at a time, except that a closed
// connection calls Close while Idle is still returning.
type session struct {
	server *Server
	drop   *maildrop // nil until signed in
	view   *view     // nil until a mailbox is selected
}

var _ interface {
	imapserver.SessionNamespace
	imapserver.SessionMove
} = (*session)(nil)

// Close has nothing to give back: nobody but the session knows its view.
func (s *session) Close() error { return nil }

func (s *session) Login(username, password string) error {
	if s.server.login(username, password) != s.server.work {
		return imapserver.ErrAuthFailed
	}
	s.drop = s.server.work
	return nil
}

func (s *session) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Prefix: "", Delim: delimiter}}}, nil
}

// mailbox returns a mailbox by name. The caller holds the lock.
func (s *session) mailbox(name string) (*mailbox, error) {
	if b := s.drop.Mailboxes[name]; b != nil {
		return b, nil
	}
	return nil, refusal(imap.ResponseCodeNonExistent, "There is no mailbox of this name")
}

// destination is a mailbox that mail goes to: one that is missing can be
// created by the client (TRYCREATE, RFC 3501 §7.1).
func (s *session) destination(name string) (*mailbox, error) {
	if b := s.drop.Mailboxes[name]; b != nil {
		return b, nil
	}
	return nil, refusal(imap.ResponseCodeTryCreate, "There is no mailbox of this name")
}

func refusal(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

func (s *session) Create(name string, options *imap.CreateOptions) error {
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	name = strings.TrimRight(name, string(delimiter))
	if name == "" {
		return refusal(imap.ResponseCodeCannot, "A mailbox needs a name")
	}
	if s.drop.Mailboxes[name] != nil {
		return refusal(imap.ResponseCodeAlreadyExists, "There is a mailbox of this name already")
	}
	var use imap.MailboxAttr
	if len(options.SpecialUse) > 0 {
		use = options.SpecialUse[0]
	}
	s.drop.create(name, use)
	return nil
}

func (s *session) Delete(name string) error {
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	b, err := s.mailbox(name)
	switch {
	case err != nil:
		return err
	case name == inbox:
		return refusal(imap.ResponseCodeCannot, "The inbox cannot be deleted")
	case s.drop.hasChildren(name):
		return refusal(imap.ResponseCodeHasChildren, "There are mailboxes below this one")
	}
	delete(s.drop.Mailboxes, name)
	b.remove(func(*message) bool { return true })
	return nil
}

// Rename takes the mailboxes below along (RFC 3501 §6.3.5).
func (s *session) Rename(name, newName string, _ *imap.RenameOptions) error {
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	newName = strings.TrimRight(newName, string(delimiter))
	if _, err := s.mailbox(name); err != nil {
		return err
	}
	switch {
	case name == inbox:
		return refusal(imap.ResponseCodeCannot, "The inbox cannot be renamed")
	case newName == "" || strings.HasPrefix(newName, name+string(delimiter)):
		return refusal(imap.ResponseCodeCannot, "A mailbox cannot go there")
	case s.drop.Mailboxes[newName] != nil || s.drop.hasChildren(newName):
		return refusal(imap.ResponseCodeAlreadyExists, "There is a mailbox of this name already")
	}
	for _, b := range s.drop.sorted() {
		if rest, ok := strings.CutPrefix(b.Name, name); ok && (rest == "" || rest[0] == delimiter) {
			delete(s.drop.Mailboxes, b.Name)
			b.Name = newName + rest
			s.drop.Mailboxes[b.Name] = b
		}
	}
	s.drop.createAbove(newName)
	return nil
}

func (s *session) Subscribe(name string) error   { return s.subscribe(name, true) }
func (s *session) Unsubscribe(name string) error { return s.subscribe(name, false) }

func (s *session) subscribe(name string, yes bool) error {
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	b, err := s.mailbox(name)
	if err != nil {
		return err
	}
	b.Subscribed = yes
	return nil
}

func (s *session) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if len(patterns) == 0 { // a client asks for the delimiter
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: delimiter})
	}
	for _, data := range s.list(ref, patterns, options) {
		if err := w.WriteList(&data); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) list(ref string, patterns []string, options *imap.ListOptions) []imap.ListData {
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	var found []imap.ListData
	for _, b := range s.drop.sorted() {
		if options.SelectSubscribed && !b.Subscribed || options.SelectSpecialUse && b.Use == "" || !matches(b.Name, ref, patterns) {
			continue
		}
		data := imap.ListData{Mailbox: b.Name, Delim: delimiter, Attrs: []imap.MailboxAttr{imap.MailboxAttrHasNoChildren}}
		if s.drop.hasChildren(b.Name) {
			data.Attrs[0] = imap.MailboxAttrHasChildren
		}
		if b.Use != "" {
			data.Attrs = append(data.Attrs, b.Use)
		}
		if b.Subscribed && (options.ReturnSubscribed || options.SelectSubscribed) {
			data.Attrs = append(data.Attrs, imap.MailboxAttrSubscribed)
		}
		if options.ReturnStatus != nil {
			data.Status = b.status()
		}
		found = append(found, data)
	}
	return found
}

func matches(name, ref string, patterns []string) bool {
	for _, pattern := range patterns {
		if imapserver.MatchList(name, delimiter, ref, pattern) {
			return true
		}
	}
	return false
}

func (s *session) Status(name string, _ *imap.StatusOptions) (*imap.StatusData, error) {
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	b, err := s.mailbox(name)
	if err != nil {
		return nil, err
	}
	return b.status(), nil
}

// status has every item; the server writes those that were asked for.
func (b *mailbox) status() *imap.StatusData {
	total, recent := uint32(len(b.Messages)), uint32(0)
	seen, _ := b.count(imap.FlagSeen)
	unseen := total - seen
	deleted, deletedSize := b.count(imap.FlagDeleted)
	var size int64
	for _, m := range b.Messages {
		size += int64(len(m.Raw))
	}
	return &imap.StatusData{
		Mailbox: b.Name, NumMessages: &total, NumRecent: &recent, UIDNext: b.Next, UIDValidity: b.Validity,
		NumUnseen: &unseen, NumDeleted: &deleted, Size: &size, DeletedStorage: &deletedSize,
	}
}

func (s *session) Append(name string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	date := options.Time
	if date.IsZero() {
		date = s.server.clock()
	}
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	b, err := s.destination(name)
	if err != nil {
		return nil, err
	}
	m := b.add(raw, date, options.Flags)
	return &imap.AppendData{UID: m.UID, UIDValidity: b.Validity}, nil
}

func (s *session) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	b, err := s.mailbox(name)
	if err != nil {
		return nil, err
	}
	s.view = newView(s.drop, b, options.ReadOnly)
	data := &imap.SelectData{
		Flags:          systemFlags,
		PermanentFlags: append([]imap.Flag{imap.FlagWildcard}, systemFlags...),
		NumMessages:    uint32(len(b.Messages)),
		UIDNext:        b.Next,
		UIDValidity:    b.Validity,
	}
	for i, m := range b.Messages {
		if !m.has(imap.FlagSeen) {
			data.FirstUnseenSeqNum = uint32(i + 1)
			break
		}
	}
	return data, nil
}

func (s *session) Unselect() error {
	s.view = nil
	return nil
}

// Poll tells the client what has changed since it was last told.
func (s *session) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if s.view == nil {
		return nil
	}
	return s.view.update(w, allowExpunge)
}

// Idle tells the client of changes as they happen (RFC 2177).
func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	if s.view == nil {
		<-stop
		return nil
	}
	return s.view.follow(w, stop)
}

func (s *session) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, _ *imap.SearchOptions) (*imap.SearchData, error) {
	return s.view.search(kind, criteria)
}

func (s *session) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	return s.view.fetch(w, set, options)
}

func (s *session) Store(_ *imapserver.FetchWriter, set imap.NumSet, flags *imap.StoreFlags, _ *imap.StoreOptions) error {
	return s.view.store(set, flags)
}

func (s *session) Expunge(_ *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	return s.view.expunge(uids)
}

func (s *session) Copy(set imap.NumSet, name string) (*imap.CopyData, error) {
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	dest, err := s.destination(name)
	if err != nil {
		return nil, err
	}
	return copyTo(dest, s.view.matching(set)), nil
}

// Move writes where the messages went; that they are gone here is an update
// like any other, which follows before the command is done (RFC 6851 §3.3).
func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, name string) error {
	data, err := s.move(set, name)
	if err != nil || data == nil {
		return err
	}
	return w.WriteCopyData(data)
}

func (s *session) move(set imap.NumSet, name string) (*imap.CopyData, error) {
	s.drop.mu.Lock()
	defer s.drop.mu.Unlock()
	dest, err := s.destination(name)
	switch {
	case err != nil:
		return nil, err
	case s.view.readOnly:
		return nil, errReadOnly
	case dest == s.view.box:
		return nil, refusal(imap.ResponseCodeCannot, "The messages are in this mailbox already")
	}
	moved := s.view.matching(set)
	data := copyTo(dest, moved)
	s.view.box.remove(func(m *message) bool {
		return containsMessage(moved, m)
	})
	return data, nil
}
