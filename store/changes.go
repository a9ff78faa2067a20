package store

import (
	"context"
	"database/sql"
	"fmt"

	"tmail/account"
	"tmail/message"
)

// Changes is what the person does. Each action is one durable transaction
// that sets our side; what the server has to be told follows from it.
type Changes struct{ d *database }

// seat is where a message is shown.
type seat struct {
	id      ID
	account int64
	folder  ID
	flags   message.Flags
	local   bool
	draft   bool
	out     OutStatus
}

// seats returns those of the messages that are shown anywhere.
func (t *tx) seats(ids []ID) ([]seat, error) {
	return all(t.query, func(rows *sql.Rows) (s seat, err error) {
		err = rows.Scan(&s.id, &s.account, &s.folder, &s.flags, &s.local, &s.draft, &s.out)
		return s, err
	}, `SELECT m.id, m.account, m.folder, m.flags, m.local, d.message IS NOT NULL, coalesce(o.status, '')
		FROM json_each(?) j CROSS JOIN message m ON m.id = j.value
		LEFT JOIN draft d ON d.message = m.id LEFT JOIN outbox o ON o.message = m.id
		WHERE m.folder IS NOT NULL AND m.lost < 4`, idList(ids))
}

// place is a folder messages can be put into.
type place struct {
	id      ID
	account int64
	name    string
	local   bool
	pop     bool // of an account whose folders are all local
}

func (t *tx) place(folder ID) (place, error) {
	var noselect bool
	var role account.Role
	p, err := one(t.query, func(rows *sql.Rows) (p place, err error) {
		err = rows.Scan(&p.id, &p.account, &p.name, &p.local, &p.pop, &noselect, &role)
		return p, err
	}, `SELECT f.id, f.account, f.name, f.local, a.protocol = ?, f.noselect, f.role
		FROM folder f JOIN account a ON a.id = f.account WHERE f.id = ? AND f.wanted`, protocolPOP3, folder)
	switch {
	case err != nil:
		return p, fmt.Errorf("folder %s: %w", folder, err)
	case noselect:
		return p, fmt.Errorf("folder %q cannot hold messages: %w", p.name, ErrNotPossible)
	case role == account.RoleOutbox:
		return p, fmt.Errorf("messages reach the Outbox by being sent only: %w", ErrNotPossible)
	}
	return p, nil
}

// movable checks that messages may be put into a folder, and divides them into
// those of its own account and those of others.
func movable(list []seat, to place) (own, foreign []seat, err error) {
	for _, s := range list {
		switch {
		case s.out != "":
			return nil, nil, fmt.Errorf("message %s is in the Outbox and has to be taken back first: %w", s.id, ErrNotPossible)
		case s.draft && s.account != to.account:
			return nil, nil, fmt.Errorf("draft %s belongs to another account: %w", s.id, ErrNotPossible)
		case to.local && !to.pop && !s.draft:
			return nil, nil, fmt.Errorf("folder %q is for drafts only until the server's folders are known: %w", to.name, ErrNotPossible)
		}
		if s.account == to.account {
			own = append(own, s)
		} else {
			foreign = append(foreign, s)
		}
	}
	return own, foreign, nil
}

func seatIDs(list []seat) []ID {
	ids := make([]ID, len(list))
	for i, s := range list {
		ids[i] = s.id
	}
	return ids
}

// Move shows the messages in folder. Into a folder of another account each
// becomes a new message there, and the old one is removed from its server only
// when the new one has arrived.
func (c *Changes) Move(ctx context.Context, ids []ID, folder ID) (Step, error) {
	var step Step
	err := c.d.update(ctx, precious, "move messages", func(t *tx) (err error) {
		step, err = t.move(ids, folder)
		return err
	})
	return step, err
}

func (t *tx) move(ids []ID, folder ID) (Step, error) {
	to, err := t.place(folder)
	if err != nil {
		return Step{}, err
	}
	list, err := t.seats(ids)
	if err != nil {
		return Step{}, err
	}
	own, foreign, err := movable(list, to)
	if err != nil {
		return Step{}, err
	}
	step := Step{Kind: StepMove, To: to.name, to: to.id, from: map[ID][]ID{}}
	for _, s := range own {
		if s.folder != to.id {
			step.from[s.folder] = append(step.from[s.folder], s.id)
			step.Count++
		}
	}
	if err := t.show(seatIDs(own), to.id); err != nil {
		return Step{}, err
	}
	if len(foreign) > 0 {
		if step.crossed, err = t.cross(foreign, to); err != nil {
			return Step{}, err
		}
		step.Count += len(step.crossed)
	}
	if step.learnt, err = t.learn(list, to); err != nil {
		return Step{}, err
	}
	step.From, err = t.nameOf(list)
	return step, err
}

// show sets our side. What was refused before is tried again.
func (t *tx) show(ids []ID, folder ID) error {
	_, err := t.exec(`UPDATE message SET folder = ?1, problem = NULL, refused = 0, tries = 0
		WHERE id IN (SELECT value FROM json_each(?2)) AND folder IS NOT ?1`, folder, idList(ids))
	return err
}

// nameOf names the folder all the messages were in, "" when there were several.
func (t *tx) nameOf(list []seat) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	for _, s := range list {
		if s.folder != list[0].folder {
			return "", nil
		}
	}
	return one(t.query, value[string], "SELECT name FROM folder WHERE id = ?", list[0].folder)
}

// Copy makes copies of the messages in folder.
func (c *Changes) Copy(ctx context.Context, ids []ID, folder ID) (Step, error) {
	var step Step
	err := c.d.update(ctx, precious, "copy messages", func(t *tx) error {
		to, err := t.place(folder)
		if err != nil {
			return err
		}
		list, err := t.seats(ids)
		if err != nil {
			return err
		}
		if _, _, err := movable(list, to); err != nil {
			return err
		}
		for _, s := range list {
			if s.draft {
				return fmt.Errorf("message %s is a draft: %w", s.id, ErrNotPossible)
			}
		}
		pairs, err := t.duplicate(list, to)
		if err != nil {
			return err
		}
		if err := t.wantSources(pairs); err != nil {
			return err
		}
		step = Step{Kind: StepCopy, Count: len(pairs), To: to.name}
		for _, p := range pairs {
			step.made = append(step.made, p.new)
		}
		step.From, err = t.nameOf(list)
		return err
	})
	return step, err
}

// Flag sets and clears flags.
func (c *Changes) Flag(ctx context.Context, ids []ID, add, remove message.Flags) (Step, error) {
	step := Step{Kind: StepFlag, Add: add, Remove: remove, flipped: map[flip][]ID{}}
	err := c.d.update(ctx, precious, "flag messages", func(t *tx) error {
		list, err := t.seats(ids)
		if err != nil {
			return err
		}
		for _, s := range list {
			f := flip{added: add &^ remove &^ s.flags, removed: remove & s.flags}
			if f != (flip{}) {
				step.flipped[f] = append(step.flipped[f], s.id)
				step.Count++
			}
		}
		return t.flag(ids, add&^remove, remove)
	})
	return step, err
}

// flag sets bits of the masks. A bit that then says what the server has anyway
// is no change any more, unless a command is under way and the server may have
// something else by now.
func (t *tx) flag(ids []ID, add, remove message.Flags) error {
	_, err := t.exec(`UPDATE message SET
		flag_add = (flag_add | ?1) & ~?2 & CASE WHEN flight IS NULL THEN ~server_flags ELSE -1 END,
		flag_remove = (flag_remove | ?2) & ~?1 & CASE WHEN flight IS NULL THEN server_flags ELSE -1 END,
		problem = NULL
		WHERE id IN (SELECT value FROM json_each(?3)) AND (flags & ?1 <> ?1 OR flags & ?2 <> 0)`,
		int64(add), int64(remove), idList(ids))
	return err
}

// Delete removes the messages for ever. It cannot be undone.
func (c *Changes) Delete(ctx context.Context, ids []ID) error {
	return c.d.update(ctx, precious, "delete messages", func(t *tx) error {
		list, err := t.seats(ids)
		if err != nil {
			return err
		}
		for _, s := range list {
			if s.out == OutSending {
				return fmt.Errorf("message %s is being sent: %w", s.id, ErrNotPossible)
			}
		}
		return t.delete(seatIDs(list))
	})
}

// delete drops messages no server has, and leaves tombstones, shown nowhere,
// of those one has or may have.
func (t *tx) delete(ids []ID) error {
	_, err := t.exec("UPDATE message SET folder = NULL, problem = NULL, tries = 0 WHERE id IN (SELECT value FROM json_each(?))", idList(ids))
	if err != nil {
		return err
	}
	return t.dropNowhere(ids)
}

// dropNowhere drops those of the messages that are on neither side. Copies
// still to be made of one become copies of what it was to be a copy of.
func (t *tx) dropNowhere(ids []ID) error {
	const nowhere = `(SELECT s.id FROM json_each(?) j CROSS JOIN message s ON s.id = j.value
		WHERE s.folder IS NULL AND s.server_folder IS NULL AND s.flight IS NULL)`
	list := idList(ids)
	for { // once for each link of a chain
		n, err := t.count(`UPDATE message SET copy_of = (SELECT s.copy_of FROM message s WHERE s.id = message.copy_of)
			WHERE blob IS NULL AND server_folder IS NULL AND copy_of IN `+nowhere, list)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	_, err := t.exec("DELETE FROM message WHERE id IN "+nowhere, list)
	return err
}

// Waiting counts the messages and folders of an account ("" for all) of which
// the server has still to be told.
func (c *Changes) Waiting(ctx context.Context, acct string) (int, error) {
	n, err := one(c.d.reading(ctx), value[int], `SELECT (SELECT count(*) FROM message m WHERE m.pending AND (?1 = '' OR m.account = a.id))
		+ (SELECT count(*) FROM folder f WHERE NOT f.local AND (?1 = '' OR f.account = a.id)
			AND CASE WHEN f.wanted THEN f.server_name IS NOT f.name OR f.subscribe IS NOT NULL ELSE f.server_name IS NOT NULL END)
		FROM account a WHERE ?1 = '' OR a.name = ?1 LIMIT 1`, acct)
	return n, c.d.explain("count pending changes", err)
}
