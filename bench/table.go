package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// table collects the figures.
type table struct{ rows []string }

func (t *table) row(cells ...string) { t.rows = append(t.rows, strings.Join(cells, "\t")) }

func (t *table) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range t.rows {
		fmt.Fprintln(tw, r)
	}
	tw.Flush()
}

// times is a row with durations.
func (t *table) times(what string, ours, theirs measured, by string) {
	if theirs == missing {
		t.row(what, seconds(ours.took), "not installed", by)
		return
	}
	took, times := seconds(theirs.took), ratio(float64(ours.took), float64(theirs.took))
	if theirs.cut {
		took, times = fmt.Sprintf("not done in %.0f s", theirs.took.Seconds()), "≤ "+times
	}
	t.row(what, seconds(ours.took), took, by, times)
}

// memory is a row with peaks of memory.
func (t *table) memory(what string, ours, theirs measured, by string) {
	if theirs == missing {
		t.row(what, megabytes(ours.peak), "not installed", by)
		return
	}
	t.row(what, megabytes(ours.peak), megabytes(theirs.peak), by, ratio(float64(ours.peak), float64(theirs.peak)))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
func megabytes(n int64) string       { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }

func ratio(ours, theirs float64) string {
	if theirs == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f", ours/theirs)
}
