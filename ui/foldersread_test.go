package ui

import (
	"testing"

	"tmail/account"
)

// forgetFolders is the moment after the start when the list is drawn and the folders are still being read.
func (s *screen) forgetFolders() *screen {
	s.Idle()
	p := &s.m.folders
	p.stored, p.all, p.entries = nil, nil, nil
	return s
}

func TestMoveBeforeFoldersAreRead(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").forgetFolders().Press("j", "m").Hides("Nothing matches").Type("项目").Press("enter")
	s.run(s.m.loadFolders())
	s.Shows("Moved 1 to 项目").Hides("Budget 2027")
}

func TestTrashBeforeFoldersAreRead(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").forgetFolders().Press("j", "d").Hides("make it")
	s.run(s.m.loadFolders())
	s.Shows("Moved 1 to Trash").holds("work", account.RoleTrash, "Budget 2027", true)
}
