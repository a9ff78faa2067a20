package ui

import (
	"errors"
	"strings"
	"testing"
)

func TestKeyWithoutAMeaningSaysSo(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("v").Shows("v does nothing here; ? shows the keys").Press("j").Hides("does nothing")
	s.m.failWith("It went wrong", "in detail")
	s.Press("v").Shows("It went wrong")
}

func TestOutcomeThatDoesNotFitIsOneKeyAway(t *testing.T) {
	s := start(t, 80, 24, sample)
	s.Shows("Budget 2027")
	s.m.say(strings.Repeat("a long sentence ", 6) + "and its end")
	s.Shows("… · !").Press("!").Shows("and its end").Press("esc").Hides("and its end")
	s.m.sayUndoable("Moved 1 to " + strings.Repeat("folder ", 12))
	s.Shows("… · u undo")
	s.m.failWith(strings.Repeat("a long complaint ", 6), "detail")
	s.Shows("… · !")
}

func TestMistakeInAnAccountNotShownIsSaid(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027")
	config := sampleConfig()
	last := &config.Accounts[len(config.Accounts)-1]
	last.Err = errors.New("there is no setting full_nam")
	s.feed(Reload{Config: config, Engine: s.engine})
	s.Shows("! " + last.Name + " is set up wrongly and switched off · !").Press("!").Shows("there is no setting full_nam")
}
