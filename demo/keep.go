package demo

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// keptName is the file that holds the server's mail between two runs.
const keptName = "demo-server.gob"

// kept is what that file contains.
type kept struct{ Work, Personal *maildrop }

// fill gives the accounts the mail of the last run, or the samples.
//
// The file is removed as it is read. A run that is killed leaves none, and the
// next one starts again with samples under a new UIDVALIDITY: going back to an
// older state under the old one would hand out UIDs a second time.
func (s *Server) fill(now time.Time) error {
	mail, err := s.takeKept()
	if err != nil {
		return err
	}
	if mail == nil {
		if mail, err = samples(now); err != nil {
			return err
		}
	}
	s.work, s.personal = mail.Work, mail.Personal
	return nil
}

func (s *Server) takeKept() (*kept, error) {
	if s.dir == "" {
		return nil, nil
	}
	path := filepath.Join(s.dir, keptName)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("demo: read the mail of the last run: %w", err)
	}
	defer f.Close()
	var mail kept
	if err := gob.NewDecoder(f).Decode(&mail); err != nil {
		return nil, fmt.Errorf("demo: read the mail of the last run from %s: %w", path, err)
	}
	for _, drop := range []*maildrop{mail.Work, mail.Personal} {
		for _, box := range drop.Mailboxes {
			box.changed = make(chan struct{})
		}
	}
	if err := os.Remove(path); err != nil {
		return nil, fmt.Errorf("demo: take the mail of the last run: %w", err)
	}
	return &mail, nil
}

// keep writes the mail down for the next run, when there is a place for it.
func (s *Server) keep() error {
	if s.dir == "" {
		return nil
	}
	for _, drop := range []*maildrop{s.work, s.personal} {
		drop.mu.Lock()
		defer drop.mu.Unlock()
	}
	f, err := os.CreateTemp(s.dir, keptName)
	if err != nil {
		return fmt.Errorf("demo: keep the mail: %w", err)
	}
	defer os.Remove(f.Name()) // has no effect once it is renamed
	if err := errors.Join(gob.NewEncoder(f).Encode(kept{s.work, s.personal}), f.Close()); err != nil {
		return fmt.Errorf("demo: keep the mail: %w", err)
	}
	if err := os.Rename(f.Name(), filepath.Join(s.dir, keptName)); err != nil {
		return fmt.Errorf("demo: keep the mail: %w", err)
	}
	return nil
}
