package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tmail/account"
)

// Accounts holds what is known of the accounts themselves. Every process sees
// it.
type Accounts struct{ d *database }

// Phase is what the worker of an account is doing.
type Phase string

// The phases of an account.
const (
	PhaseIdle       Phase = ""           // nobody works on it
	PhaseConnecting Phase = "connecting" //
	PhaseSyncing    Phase = "syncing"    //
	PhaseBodies     Phase = "bodies"     // fetching bodies in the background
	PhaseSending    Phase = "sending"    //
	PhaseSynced     Phase = "synced"     // in step as of At
	PhaseOffline    Phase = "offline"    // no connection; tried again by itself
	PhaseFailed     Phase = "failed"     // needs the person: Problem says why
)

// Status is what an account is doing, for all processes to see.
type Status struct {
	Phase   Phase     `json:"phase"`
	Problem *Problem  `json:"problem,omitempty"`
	Done    int       `json:"done,omitempty"`  // of what Phase is busy with
	Total   int       `json:"total,omitempty"` // 0: not known
	At      time.Time `json:"at"`              // when it was set
	Synced  time.Time `json:"-"`               // when the account was last in step
}

// popFolders are the folders of an account whose server has none.
var popFolders = []struct {
	name string
	role account.Role
}{
	{"Inbox", account.RoleInbox}, {"Drafts", account.RoleDrafts}, {"Sent", account.RoleSent},
	{"Archive", account.RoleArchive}, {"Trash", account.RoleTrash}, {"Junk", account.RoleJunk},
}

// Register makes the accounts known by their names and makes the local folders
// they need: an Outbox each, and for POP3 Inbox, Drafts, Sent, Archive, Trash
// and Junk. What is no longer configured keeps its mail but is not shown.
func (a *Accounts) Register(ctx context.Context, accounts ...account.Account) error {
	return a.d.update(ctx, retold, "register accounts", func(t *tx) error {
		if _, err := t.exec("UPDATE account SET position = NULL"); err != nil {
			return err
		}
		for i, acct := range accounts {
			if err := t.register(i, acct); err != nil {
				return fmt.Errorf("%s: %w", acct.Name, err)
			}
		}
		return nil
	})
}

func (t *tx) register(position int, acct account.Account) error {
	_, err := t.exec(`INSERT INTO account (name, protocol, position) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET protocol = excluded.protocol, position = excluded.position`,
		acct.Name, acct.Incoming.Protocol, position)
	if err != nil {
		return err
	}
	id, err := accountID(t.query, acct.Name)
	if err != nil {
		return err
	}
	if _, err := t.localFolder(id, "Outbox", account.RoleOutbox); err != nil {
		return err
	}
	if acct.Incoming.Protocol != protocolPOP3 {
		return nil
	}
	for _, f := range popFolders {
		if _, err := t.localFolder(id, f.name, f.role); err != nil {
			return err
		}
	}
	return nil
}

// protocolPOP3 is the account.Endpoint.Protocol of accounts whose folders are
// all local.
const protocolPOP3 = "pop3"

// localFolder returns the account's folder of that role, made when missing.
func (t *tx) localFolder(acct int64, name string, role account.Role) (ID, error) {
	id, err := folderByRole(t.query, acct, role)
	if !errors.Is(err, ErrNoSuch) {
		return id, err
	}
	return t.insert("INSERT INTO folder (account, name, role, local, synced) VALUES (?, ?, ?, 1, 1)", acct, name, role)
}

// accountID returns the row of an account, or ErrNoSuch.
func accountID(q querier, name string) (int64, error) {
	id, err := one(q, value[int64], "SELECT id FROM account WHERE name = ?", name)
	if err != nil {
		return 0, fmt.Errorf("account %q: %w", name, err)
	}
	return id, nil
}

// folderByRole returns the folder of that role, or ErrNoSuch.
func folderByRole(q querier, acct int64, role account.Role) (ID, error) {
	return one(q, value[ID], `SELECT id FROM folder WHERE account = ? AND role = ? AND wanted AND NOT noselect
		ORDER BY local, id LIMIT 1`, acct, role)
}

// SetStatus tells all processes what an account is doing. Synced is kept by
// the store: it is the time PhaseSynced was last set.
func (a *Accounts) SetStatus(ctx context.Context, acct string, st Status) error {
	st.At = a.d.now()
	text, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("set status of %s: %w", acct, err)
	}
	return a.d.update(ctx, retold, "set status of "+acct, func(t *tx) error {
		_, err := t.exec("UPDATE account SET status = ?, synced = CASE WHEN ? THEN ? ELSE synced END WHERE name = ?",
			string(text), st.Phase == PhaseSynced, st.At.Unix(), acct)
		return err
	})
}

// Tell keeps a problem of an account for the person to see, as a Notice, unless
// the same waits to be seen.
func (a *Accounts) Tell(ctx context.Context, acct string, p Problem) error {
	return a.TellAbout(ctx, acct, "", p)
}

// TellAbout is Tell for a problem with one thing of the account, a folder for
// instance, which is named to the person.
func (a *Accounts) TellAbout(ctx context.Context, acct, about string, p Problem) error {
	return a.d.update(ctx, retold, "keep what is to be told of "+acct, func(t *tx) error {
		waits, err := one(t.query, value[bool], `SELECT EXISTS (SELECT 1 FROM notice
			WHERE account = ? AND subject = ? AND json_remove(problem, '$.at') = json_remove(?, '$.at'))`, acct, about, p.text())
		if err != nil || waits {
			return err
		}
		return t.tell(acct, about, 1, p)
	})
}

// Status returns what was set last.
func (a *Accounts) Status(ctx context.Context, acct string) (Status, error) {
	st, err := one(a.d.reading(ctx), func(rows *sql.Rows) (st Status, err error) {
		var text string
		var synced sql.NullInt64
		if err = rows.Scan(&text, &synced); err == nil && text != "" {
			err = json.Unmarshal([]byte(text), &st)
		}
		if synced.Valid {
			st.Synced = time.Unix(synced.Int64, 0)
		}
		return st, err
	}, "SELECT coalesce(status, ''), synced FROM account WHERE name = ?", acct)
	return st, a.d.explain("status of "+acct, err)
}

// AskSync writes down the wish that the process which owns the account
// synchronises it now, and returns a ticket for SyncAnswered.
func (a *Accounts) AskSync(ctx context.Context, acct string) (ticket int64, err error) {
	err = a.d.update(ctx, retold, "ask to sync "+acct, func(t *tx) (err error) {
		ticket, err = one(t.query, value[int64], "UPDATE account SET asked = asked + 1 WHERE name = ? RETURNING asked", acct)
		return err
	})
	return ticket, err
}

// SyncAsked returns the newest ticket that was not answered, 0 when there is none.
func (a *Accounts) SyncAsked(ctx context.Context, acct string) (ticket int64, err error) {
	ticket, err = one(a.d.reading(ctx), value[int64],
		"SELECT CASE WHEN asked > answered THEN asked ELSE 0 END FROM account WHERE name = ?", acct)
	return ticket, a.d.explain("sync asked of "+acct, err)
}

// AnswerSync says that the wish was fulfilled, or why not.
func (a *Accounts) AnswerSync(ctx context.Context, acct string, ticket int64, p *Problem) error {
	return a.d.update(ctx, retold, "answer sync of "+acct, func(t *tx) error {
		_, err := t.exec("UPDATE account SET answered = ?, answer = ? WHERE name = ? AND answered < ?", ticket, p.text(), acct, ticket)
		return err
	})
}

// SyncAnswered reports whether the wish was answered, and with what problem.
func (a *Accounts) SyncAnswered(ctx context.Context, acct string, ticket int64) (bool, *Problem, error) {
	var answered bool
	problem, err := one(a.d.reading(ctx), func(rows *sql.Rows) (p sql.NullString, err error) {
		err = rows.Scan(&answered, &p)
		return p, err
	}, "SELECT answered >= ?, answer FROM account WHERE name = ?", ticket, acct)
	return answered, parseProblem(problem), a.d.explain("sync answered of "+acct, err)
}
