package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tmail/lang"
	"tmail/mailsync"
	"tmail/store"
)

func (p *program) searchCommand() *cobra.Command {
	var limit int
	var asJSON bool
	var saved string
	cmd := &cobra.Command{
		Use:   "search WORDS…",
		Short: "Find messages in all folders, newest first",
		Long: "search prints the messages that all words are found in: subjects, addresses,\n" +
			"texts and names of attachments, of all that is stored here. A word stands for\n" +
			"all that begin with it, Chinese, Japanese and Korean for any text they are in.\n\n" +
			"  \"exact words\"   these words beside each other\n" +
			"  -word           not this one (behind --, or the shell's option is meant)\n" +
			"  a OR b, ( )     one of them\n" +
			"  from: to: cc: subject: body: file:      only there\n" +
			"  in:FOLDER account:NAME                  a folder or role; an account\n" +
			"  is:unread is:read is:starred is:answered has:attachment\n" +
			"  date: before: after:                    2024, 2024-05, 2024-05-20, yesterday, 3d\n" +
			"  larger: smaller:                        500K, 2M\n" +
			"  order:best                              best first instead of newest",
		Example: "  tmail search from:ann budget 2024-05\n  tmail search --json '\"release plan\" has:attachment'\n  tmail search -- 会议 -周报",
		RunE: p.does(func(ctx context.Context, args []string) error {
			if limit < 0 {
				return usagef("--limit %d: cannot be negative", limit)
			}
			if len(args) == 0 && saved == "" {
				return usagef("search for what? See tmail search --help")
			}
			return p.withSession(ctx, func(s *session) error {
				query, err := s.query(ctx, strings.Join(args, " "), saved)
				if err != nil {
					return err
				}
				ids, err := p.search(ctx, s, query, limit)
				if err != nil {
					return err
				}
				return p.printFound(ctx, s, ids, asJSON)
			})
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", 0, "print at most `N` messages (0: all)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	cmd.Flags().StringVar(&saved, "saved", "", "search for what is kept under `NAME`, and the words besides")
	return cmd
}

// query reads what is to be searched for.
func (s *session) query(ctx context.Context, words, saved string) (store.Query, error) {
	if saved != "" {
		kept, err := s.savedSearch(ctx, saved)
		if err != nil {
			return store.Query{}, err
		}
		words = strings.TrimSpace("(" + kept + ") " + words)
	}
	query, err := store.ParseQuery(words, s.options.Now())
	var wrong *store.QueryError
	if errors.As(err, &wrong) {
		return query, usagef("%s", lang.T("search."+string(wrong.Kind), "Words", wrong.Word))
	}
	return query, err
}

// savedSearch returns what is kept under a name.
func (s *session) savedSearch(ctx context.Context, name string) (string, error) {
	list, err := s.store.Search.Saved(ctx)
	if err != nil {
		return "", err
	}
	var names []string
	for _, kept := range list {
		if kept.Name == name {
			return kept.Text, nil
		}
		names = append(names, kept.Name)
	}
	if len(names) == 0 {
		return "", usagef("there is no search %q: none is kept yet", name)
	}
	return "", usagef("there is no search %q; there are: %s", name, strings.Join(names, ", "))
}

// search indexes what is not indexed yet, so that nothing is missed, and finds.
func (p *program) search(ctx context.Context, s *session, query store.Query, limit int) ([]store.ID, error) {
	line := newProgress(p.stderr)
	defer line.clear()
	most := 0
	for began := time.Now(); ; {
		left, err := s.store.Search.Index(ctx, 0)
		if err != nil {
			return nil, err
		}
		if left == 0 {
			break
		}
		if most = max(most, left); time.Since(began) > time.Second/2 {
			line.show(lang.T("search.indexing"), mailsync.Progress{Done: most - left, Total: most})
		}
	}
	found, err := s.store.Search.Find(ctx, query, store.Scope{Account: s.only}, limit)
	return found.IDs, err
}

func (p *program) printFound(ctx context.Context, s *session, ids []store.ID, asJSON bool) error {
	folders, err := s.store.Index.Folders(ctx)
	if err != nil {
		return fmt.Errorf("read the folders: %w", err)
	}
	out := bufio.NewWriter(p.stdout)
	print := s.rowPrinter(out, folders, asJSON)
	for page := range slices.Chunk(ids, pageSize) {
		rows, err := s.store.Index.Rows(ctx, page)
		if err != nil {
			return fmt.Errorf("read messages: %w", err)
		}
		for _, row := range rows {
			if err := print(row); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}
