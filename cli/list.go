package cli

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tmail/account"
	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
	"tmail/ui"
)

func (p *program) listCommand() *cobra.Command {
	var folder string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "command.list",
		Long:  "command.list_long",
		Args:  noArgs,
		RunE: p.does(func(ctx context.Context, _ []string) error {
			if limit < 0 {
				return usage("usage.negative_limit", "N", limit)
			}
			return p.withSession(ctx, func(s *session) error {
				folders, err := s.folders(ctx, folder)
				if err != nil {
					return err
				}
				if len(folders) == 0 {
					p.say(lang.T("cli.nothing_stored"))
				}
				out := bufio.NewWriter(p.stdout)
				if err := s.eachRow(ctx, folders, limit, s.rowPrinter(out, folders, asJSON)); err != nil {
					return err
				}
				return out.Flush()
			})
		}),
	}
	cmd.Flags().StringVar(&folder, "folder", "", "flag.folder")
	cmd.Flags().IntVar(&limit, "limit", 0, "flag.limit")
	cmd.Flags().BoolVar(&asJSON, "json", false, "flag.json_lines")
	return cmd
}

// folders returns the folders of the chosen accounts that name means: by its
// name, else by its role, else by its name in other letters. The empty name
// means the inboxes.
func (s *session) folders(ctx context.Context, name string) ([]store.Folder, error) {
	all, err := s.store.Index.Folders(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the folders: %w", err)
	}
	all = slices.DeleteFunc(all, func(f store.Folder) bool { return f.NoSelect || !s.isChosen(f.Account) })
	role := account.Role(strings.ToLower(cmp.Or(name, string(account.RoleInbox))))
	meanings := []func(store.Folder) bool{
		func(f store.Folder) bool { return f.Name == name },
		func(f store.Folder) bool { return f.Role == role },
		func(f store.Folder) bool { return strings.EqualFold(f.Name, name) },
	}
	var found []store.Folder
	for _, a := range s.accounts {
		for _, means := range meanings {
			i := slices.IndexFunc(all, func(f store.Folder) bool { return f.Account == a.Name && means(f) })
			if i >= 0 {
				found = append(found, all[i])
				break
			}
		}
	}
	if len(found) > 0 || name == "" {
		return found, nil
	}
	var names []string
	for _, f := range all {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return nil, failed("cli.no_folder", "Name", strconv.Quote(name), "Names", strings.Join(names, ", "))
}

// pageSize is how many rows are read at once.
const pageSize = 500

// cursor walks through a folder, newest first.
type cursor struct {
	ids  []store.ID // not read yet
	rows []store.Row
}

// fill reads the next page when there is no row left.
func (c *cursor) fill(ctx context.Context, index *store.Index) error {
	for len(c.rows) == 0 && len(c.ids) > 0 {
		n := min(pageSize, len(c.ids))
		rows, err := index.Rows(ctx, c.ids[:n])
		if err != nil {
			return fmt.Errorf("read messages: %w", err)
		}
		c.rows, c.ids = rows, c.ids[n:]
	}
	return nil
}

// eachRow gives the messages of the folders to each, newest first, at most
// limit of them unless that is 0.
func (s *session) eachRow(ctx context.Context, folders []store.Folder, limit int, each func(store.Row) error) error {
	var cursors []*cursor
	for _, f := range folders {
		ids, err := s.store.Index.IDs(ctx, f.ID)
		if err != nil {
			return fmt.Errorf("read folder %s: %w", f.Name, err)
		}
		cursors = append(cursors, &cursor{ids: ids})
	}
	for n := 0; limit == 0 || n < limit; n++ {
		var newest *cursor
		for _, c := range cursors {
			if err := c.fill(ctx, s.store.Index); err != nil {
				return err
			}
			if len(c.rows) > 0 && (newest == nil || c.rows[0].Date.After(newest.rows[0].Date)) {
				newest = c
			}
		}
		if newest == nil {
			return nil
		}
		if err := each(newest.rows[0]); err != nil {
			return err
		}
		newest.rows = newest.rows[1:]
	}
	return nil
}

// listed is a message of a listing in JSON.
type listed struct {
	ID             string          `json:"id"`
	Account        string          `json:"account"`
	Folder         string          `json:"folder"`
	Date           string          `json:"date"`
	From           string          `json:"from"`
	Subject        string          `json:"subject"`
	Unread         bool            `json:"unread"`
	Starred        bool            `json:"starred"`
	HasAttachments bool            `json:"has_attachments"`
	Size           int64           `json:"size"`
	Status         store.OutStatus `json:"status,omitempty"`
	Error          *string         `json:"error,omitempty"` // given with Status
}

// rowPrinter returns what prints a row to w.
func (s *session) rowPrinter(w io.Writer, folders []store.Folder, asJSON bool) func(store.Row) error {
	byID := map[store.ID]store.Folder{}
	for _, f := range folders {
		byID[f.ID] = f
	}
	accountWidth := 0
	if len(s.accounts) > 1 {
		for _, a := range s.accounts {
			accountWidth = max(accountWidth, safe.Width(safe.Line(a.Name)))
		}
	}
	if asJSON {
		return func(r store.Row) error { return writeJSON(w, listedRow(r, byID[r.Folder])) }
	}
	return func(r store.Row) error {
		_, err := fmt.Fprintln(w, plainRow(r, byID[r.Folder], accountWidth))
		return err
	}
}

func listedRow(r store.Row, f store.Folder) listed {
	l := listed{
		ID: r.ID.String(), Account: r.Account, Folder: f.Name, Date: r.Date.Format(time.RFC3339),
		From: people(r.From), Subject: r.Subject,
		Unread: !r.Flags.Has(message.Seen), Starred: r.Flags.Has(message.Flagged),
		HasAttachments: r.HasAttachments, Size: r.Size, Status: r.Status,
	}
	if r.Status != "" {
		trouble := ""
		if r.Problem != nil {
			trouble = ui.ProblemText(r.Problem)
		}
		l.Error = &trouble
	}
	return l
}

// people joins addresses to one text.
func people(list []message.Address) string {
	all := make([]string, len(list))
	for i, a := range list {
		all[i] = a.String()
	}
	return strings.Join(all, ", ")
}

// plainRow is a row for people: columns that line up whatever the script.
func plainRow(r store.Row, f store.Folder, accountWidth int) safe.Text {
	const nameWidth = 24
	who := r.From
	if f.Role == account.RoleSent || f.Role == account.RoleDrafts || f.Role == account.RoleOutbox {
		who = r.To
	}
	columns := []safe.Text{safe.PadLeft(safe.Line(r.ID.String()), 5)}
	if accountWidth > 0 {
		columns = append(columns, safe.Pad(safe.Line(r.Account), accountWidth))
	}
	columns = append(columns, safe.Line(r.Date.Local().Format("2006-01-02 15:04")), marks(r),
		safe.Pad(safe.Truncate(safe.Line(names(who)), nameWidth, "…"), nameWidth))
	if r.Status != "" {
		columns = append(columns, safe.Pad(safe.Line(lang.T(statusNames[r.Status])), statusWidth))
	}
	subject := safe.Line(r.Subject)
	if r.Problem != nil {
		subject += " — " + safe.Line(ui.ProblemText(r.Problem))
	}
	columns = append(columns, subject)
	return join(columns)
}

// statusNames are the phrases of how a message in the Outbox stands, statusWidth the columns they take.
var statusNames = map[store.OutStatus]string{
	store.OutHeld: "cli.held", store.OutDue: "cli.due", store.OutSending: "cli.sending",
	store.OutUnconfirmed: "cli.unconfirmed", store.OutFailed: "cli.failed",
}

const statusWidth = len(store.OutUnconfirmed)

// join puts columns on one line.
func join(columns []safe.Text) safe.Text {
	line := columns[0]
	for _, c := range columns[1:] {
		line += "  " + c
	}
	return line
}

// marks shows the flags in three columns.
func marks(r store.Row) safe.Text {
	text := safe.Text("")
	for _, m := range []struct {
		on   bool
		mark safe.Text
	}{
		{!r.Flags.Has(message.Seen), "N"}, {r.Flags.Has(message.Flagged), "*"}, {r.HasAttachments, "+"},
	} {
		if m.on {
			text += m.mark
		} else {
			text += " "
		}
	}
	return text
}

// names joins the names of people, or their addresses where they have none.
func names(list []message.Address) string {
	all := make([]string, len(list))
	for i, a := range list {
		all[i] = cmp.Or(a.Name, a.Addr)
	}
	return strings.Join(all, ", ")
}
