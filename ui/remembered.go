package ui

import (
	"encoding/json"
	"os"
	"path/filepath"

	tea "charm.land/bubbletea/v2"
)

// remembered is what the screen keeps from one run to the next.
type remembered struct {
	Flat bool `json:"flat"` // lists show each message by itself
}

func rememberedFile(dir string) string { return filepath.Join(dir, "screen.json") }

// recall reads what was kept; what cannot be read is as if nothing had been.
func recall(dir string) (r remembered) {
	if b, err := os.ReadFile(rememberedFile(dir)); err == nil {
		_ = json.Unmarshal(b, &r)
	}
	return r
}

// keep writes it down for the next run.
func (r remembered) keep(dir string) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file := rememberedFile(dir)
	if err := os.WriteFile(file+".new", append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

type rememberFailed struct{ err error }

func (f rememberFailed) apply(m *model) tea.Cmd {
	m.fail(f.err)
	return nil
}

// rememberView keeps what the next run begins with.
func (m *model) rememberView() tea.Cmd {
	r, dir := remembered{Flat: m.flat}, m.Dir
	return func() tea.Msg {
		if err := r.keep(dir); err != nil {
			return rememberFailed{err}
		}
		return nil
	}
}
