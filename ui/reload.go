package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/lang"
)

// Reload is a configuration that was changed while the screen is open, and the engine of its accounts; or what is
// wrong with it: then everything stays as it was.
type Reload struct {
	Config *account.Config
	Engine Engine
	Err    error
}

func passReloads(ctx context.Context, reloads <-chan Reload, p *tea.Program) {
	for {
		select {
		case r := <-reloads:
			p.Send(r)
		case <-ctx.Done():
			return
		}
	}
}

// apply takes over a configuration. What is being written or read stays.
func (r Reload) apply(m *model) tea.Cmd {
	if r.Err != nil {
		m.failWith(lang.T("config.not_reloaded"), lang.Sentence(r.Err))
		return nil
	}
	keys, err := newKeymap(bindings(), r.Config)
	if err != nil {
		m.failWith(lang.T("config.not_reloaded"), lang.Sentence(err))
		return nil
	}
	m.Config, m.Engine, m.keys = r.Config, r.Engine, keys
	m.mouse = r.Config.Mouse
	lang.Use(r.Config.Language)
	m.terminalLook.want(r.Config.Theme)
	m.restyle()
	m.say(lang.T("config.reloaded"))
	m.sayDisabled()
	if names := m.accountNames(); !slices.Contains(names, m.account) && len(names) > 0 {
		return tea.Batch(m.loadFolders(), m.openAccount(names[0]))
	}
	return m.loadFolders()
}
