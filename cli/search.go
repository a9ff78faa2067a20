package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
		Use:     "search WORDS…",
		Short:   "command.search",
		Long:    "command.search_long",
		Example: "command.search_example",
		RunE: p.does(func(ctx context.Context, args []string) error {
			if limit < 0 {
				return usage("usage.negative_limit", "N", limit)
			}
			if len(args) == 0 && saved == "" {
				return usage("usage.no_words")
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
				if err := p.printFound(ctx, s, ids, asJSON); err != nil {
					return err
				}
				return p.sayLacking(ctx, s, query)
			})
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", 0, "flag.limit")
	cmd.Flags().BoolVar(&asJSON, "json", false, "flag.json_lines")
	cmd.Flags().StringVar(&saved, "saved", "", "flag.saved")
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
		return query, usage("search."+string(wrong.Kind), "Words", wrong.Word)
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
		return "", usage("usage.no_searches", "Name", strconv.Quote(name))
	}
	return "", usage("usage.no_search", "Name", strconv.Quote(name), "Names", strings.Join(names, ", "))
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

// sayLacking says of how many messages only the header was searched, so that
// nobody takes what is printed for all there is.
func (p *program) sayLacking(ctx context.Context, s *session, query store.Query) error {
	if !query.InTexts() {
		return nil
	}
	lacking, err := s.store.Search.Lacking(ctx, store.Scope{Account: s.only})
	if err != nil || lacking == 0 {
		return err
	}
	p.say(lang.T("search.lacking", "Count", lacking))
	return nil
}
