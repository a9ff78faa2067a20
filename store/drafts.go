package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tmail/account"
	"tmail/message"
)

// Drafts holds messages being written. A draft is a row of the Drafts folder
// of its account; attachments are copied into the store when they are added.
type Drafts struct {
	d      *database
	bodies *Bodies
}

// Draft is a message being written, as plain data.
type Draft struct {
	ID          ID // of its row; 0 before it is first saved
	Account     string
	From        []message.Address
	Sender      *message.Address
	ReplyTo     []message.Address
	To, Cc, Bcc []message.Address
	// Fields are the words as typed, by field name ("to", "cc", …), where they
	// are not (yet) addresses: half an address survives a crash too.
	Fields     map[string]string
	Subject    string
	Body       string
	MessageID  string // without the angle brackets, like the next two
	InReplyTo  string
	References []string // oldest first
	Date       time.Time
	Answers    ID   // the message this replies to or forwards; 0 for none
	Forward    bool // it forwards Answers
	Markdown   bool // Body is Markdown, to go out as HTML too
	Notify     bool // ask for delivery reports (RFC 3461)
	Resent     bool // what is queued is Answers as it came, sent on (RFC 5322 §3.6.6)
	Files      []Attachment
	Updated    time.Time // set by Save
}

// Attachment is a file of a draft, held in the store.
type Attachment struct {
	Blob ID // what OpenFile takes
	Name string
	Type string // media type
	Size int64  // bytes
}

// Save writes the draft down durably, in the Drafts folder, which is made when
// the account has none. A new draft gets its ID; d.Updated is set. A draft that
// waits in the Outbox has to be taken back first: ErrNotPossible.
func (d *Drafts) Save(ctx context.Context, draft *Draft) error {
	saved := *draft
	saved.Updated = d.d.now()
	err := d.d.update(ctx, precious, "save draft", func(t *tx) error { return t.saveDraft(&saved) })
	if err == nil {
		*draft = saved
	}
	return err
}

func (t *tx) saveDraft(d *Draft) error {
	if d.ID == 0 {
		if err := t.newDraft(d); err != nil {
			return err
		}
	}
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	n, err := t.count(`UPDATE draft SET data = ?, answers = nullif(?, 0), updated = ?, discarded = NULL
		WHERE message = ? AND message NOT IN (SELECT message FROM outbox)`, string(data), int64(d.Answers), d.Updated.UnixMilli(), d.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return t.whyNoDraft(d.ID)
	}
	size := int64(len(d.Body))
	for _, f := range d.Files {
		size += f.Size
	}
	// Size and Message-ID are those of the published version, where there is one.
	_, err = t.exec(`UPDATE message SET date = ?, size = CASE WHEN local THEN ? ELSE size END, attachments = ?,
		message_id = CASE WHEN local THEN ? ELSE message_id END, sender = ?, recipients = ?, subject = ?, preview = ? WHERE id = ?`,
		d.Updated.Unix(), size, len(d.Files) > 0, d.MessageID, joinAddresses(d.From),
		joinRecipients(d.To, slices.Concat(d.Cc, d.Bcc)), clip(d.Subject), firstLine(d.Body), d.ID)
	if err != nil {
		return err
	}
	if err := t.weaveDraft(d); err != nil {
		return err
	}
	return t.setFiles(d)
}

// newDraft makes the row of a draft.
func (t *tx) newDraft(d *Draft) error {
	acct, err := accountID(t.query, d.Account)
	if err != nil {
		return err
	}
	folder, err := t.localFolder(acct, "Drafts", account.RoleDrafts)
	if err != nil {
		return err
	}
	d.ID, err = t.insert(`INSERT INTO message (account, folder, local, flag_add, date, received, size, identity) VALUES (?, ?, 1, ?, ?, 0, 0, 0)`,
		acct, folder, int64(message.Seen|message.DraftFlag), d.Updated.Unix())
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO draft (message, data, updated) VALUES (?, '', 0)", d.ID)
	return err
}

// whyNoDraft says why a draft cannot be written to.
func (t *tx) whyNoDraft(id ID) error {
	queued, err := one(t.query, value[bool], "SELECT EXISTS (SELECT 1 FROM outbox WHERE message = ?)", id)
	switch {
	case err != nil:
		return err
	case queued:
		return fmt.Errorf("draft %s is in the Outbox: %w", id, ErrNotPossible)
	default:
		return fmt.Errorf("draft %s: %w", id, ErrNoSuch)
	}
}

// setFiles ties the attachments to the draft, so that their bytes stay.
func (t *tx) setFiles(d *Draft) error {
	blobs := make([]ID, len(d.Files))
	for i, f := range d.Files {
		blobs[i] = f.Blob
	}
	list := idList(blobs)
	if _, err := t.exec(`INSERT OR IGNORE INTO file (draft, blob) SELECT ?, id FROM blob WHERE id IN (SELECT value FROM json_each(?))`, d.ID, list); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE blob SET loose = NULL WHERE loose IS NOT NULL AND id IN (SELECT value FROM json_each(?))", list); err != nil {
		return err
	}
	if _, err := t.exec("DELETE FROM file WHERE draft = ? AND blob NOT IN (SELECT value FROM json_each(?))", d.ID, list); err != nil {
		return err
	}
	held, err := one(t.query, value[int], "SELECT count(*) FROM file WHERE draft = ?", d.ID)
	if err == nil && held < len(slices.Compact(slices.Sorted(slices.Values(blobs)))) {
		err = fmt.Errorf("an attachment is not in the store any more: %w", ErrNoSuch)
	}
	return err
}

// firstLine is the preview of a draft: of what was written, not of the signature below it (RFC 3676 §4.3).
func firstLine(body string) string {
	for line := range strings.Lines(body) {
		if line = strings.TrimSpace(line); line == "--" {
			break
		} else if line != "" {
			return clip(line)
		}
	}
	return ""
}

func scanDraft(rows *sql.Rows) (*Draft, error) {
	var data string
	var id ID
	var acct string
	if err := rows.Scan(&id, &acct, &data); err != nil {
		return nil, err
	}
	d := &Draft{}
	if err := json.Unmarshal([]byte(data), d); err != nil {
		return nil, fmt.Errorf("draft %s: %w: %w", id, ErrDamaged, err)
	}
	d.ID, d.Account = id, acct
	return d, nil
}

const draftColumns = "SELECT d.message, a.name, d.data FROM draft d JOIN message m ON m.id = d.message JOIN account a ON a.id = m.account "

// Get returns a draft, also one that waits in the Outbox; else ErrNoSuch.
func (d *Drafts) Get(ctx context.Context, id ID) (*Draft, error) {
	draft, err := getDraft(d.d.reading(ctx), id)
	return draft, d.d.explain("read draft "+id.String(), err)
}

func getDraft(q querier, id ID) (*Draft, error) {
	return one(q, scanDraft, draftColumns+"WHERE d.message = ? AND d.discarded IS NULL", id)
}

// List returns the drafts of an account ("" for all), newest first. Those that
// wait in the Outbox are not among them.
func (d *Drafts) List(ctx context.Context, acct string) ([]*Draft, error) {
	list, err := all(d.d.reading(ctx), scanDraft, draftColumns+`WHERE (?1 = '' OR a.name = ?1) AND d.discarded IS NULL
		AND d.message NOT IN (SELECT message FROM outbox) ORDER BY d.updated DESC, d.message DESC`, acct)
	return list, d.d.explain("list drafts", err)
}

// Delete discards a draft. Undo brings it back.
func (d *Drafts) Delete(ctx context.Context, id ID) (Step, error) {
	step := Step{Kind: StepDiscard, Count: 1, draft: id}
	err := d.d.update(ctx, precious, "discard draft", func(t *tx) error {
		n, err := t.count("UPDATE draft SET discarded = ?, published = NULL WHERE message = ? AND discarded IS NULL AND message NOT IN (SELECT message FROM outbox)",
			t.d.now().Unix(), id)
		if err == nil && n == 0 {
			err = t.whyNoDraft(id)
		}
		if err != nil {
			return err
		}
		if err := t.detach(id, 0); err != nil {
			return err
		}
		_, err = t.exec("UPDATE message SET was = folder, folder = NULL WHERE id = ?", id)
		return err
	})
	return step, err
}

func (t *tx) undiscard(id ID) error {
	n, err := t.count("UPDATE draft SET discarded = NULL WHERE message = ? AND discarded IS NOT NULL", id)
	if err != nil || n == 0 {
		return err
	}
	return t.backToDrafts(id)
}

// backToDrafts shows a draft where it was. That folder may be gone: the one for
// the time before the server's folders are known goes with the first sync.
func (t *tx) backToDrafts(id ID) error {
	n, err := t.count("UPDATE message SET folder = was, was = NULL WHERE id = ? AND was IN (SELECT id FROM folder WHERE wanted)", id)
	if err != nil || n > 0 {
		return err
	}
	acct, err := one(t.query, value[int64], "SELECT account FROM message WHERE id = ?", id)
	if err != nil {
		return err
	}
	folder, err := t.localFolder(acct, "Drafts", account.RoleDrafts)
	if err != nil {
		return err
	}
	_, err = t.exec("UPDATE message SET folder = ?, was = NULL WHERE id = ?", folder, id)
	return err
}

// Attach copies r into the store and returns it as an attachment, to be added
// to Draft.Files and saved with it. What no draft holds after an hour is swept
// away.
func (d *Drafts) Attach(ctx context.Context, name, mediaType string, r io.Reader) (Attachment, error) {
	w, err := d.bodies.Create(ctx)
	if err != nil {
		return Attachment{}, err
	}
	if _, err := io.Copy(w, r); err != nil {
		return Attachment{}, fmt.Errorf("attach %q: %w", name, cmp.Or(err, w.Abort()))
	}
	if err := w.keep(ctx); err != nil {
		return Attachment{}, fmt.Errorf("attach %q: %w", name, cmp.Or(err, w.Abort()))
	}
	return Attachment{Blob: w.blob, Name: name, Type: mediaType, Size: w.size}, nil
}

// Message is the draft as the message to be built, its attachments read from
// the store when they are written.
func (d *Drafts) Message(ctx context.Context, draft *Draft) *message.Draft {
	m := &message.Draft{
		From: draft.From, Sender: draft.Sender, ReplyTo: draft.ReplyTo, To: draft.To, Cc: draft.Cc, Bcc: draft.Bcc,
		Subject: draft.Subject, Body: draft.Body, Markdown: draft.Markdown,
		MessageID: draft.MessageID, InReplyTo: draft.InReplyTo, References: draft.References, Date: draft.Date,
	}
	for _, f := range draft.Files {
		m.Files = append(m.Files, message.File{Name: f.Name, Type: f.Type, Size: f.Size,
			Open: func() (io.ReadCloser, error) { return d.OpenFile(ctx, f) }})
	}
	return m
}

// keep writes the rest durably, still loose.
func (w *BodyWriter) keep(ctx context.Context) error {
	err := w.d.update(ctx, precious, "store attachment", func(t *tx) (err error) {
		w.blob, w.number, err = w.flush(t)
		return err
	})
	w.done = err == nil
	return err
}

// OpenFile returns the bytes of an attachment.
func (d *Drafts) OpenFile(ctx context.Context, a Attachment) (io.ReadCloser, error) {
	r, err := d.bodies.openBlob(ctx, a.Blob)
	if err != nil {
		return nil, d.d.explain(fmt.Sprintf("open attachment %q", a.Name), err)
	}
	return r, nil
}
