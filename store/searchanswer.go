package store

// answer is what a query finds, as far as it is known: to show the first of
// many, not all of them have to be looked at.
type answer struct {
	among    idSet // they are all in it; nil: any
	rest     every // what has still to hold for those in among
	compared idSet // messages that were looked at by themselves, of which
	held     idSet // these are found, whatever stands above
}

// may reports whether a message is found, or may be.
func (a *answer) may(id ID) bool {
	if a.compared.has(id) {
		return a.held.has(id)
	}
	return a.among == nil || a.among.has(id)
}

// set is what is found when nothing has still to hold.
func (a *answer) set() idSet { return a.among.without(a.compared).or(a.held) }

// answer asks the index. What it takes to look at messages for is left, unless
// all that are found are wanted.
func (f *finder) answer(n node, all bool) (a *answer, err error) {
	a = &answer{}
	if n == nil {
		return a, nil
	}
	list, several := n.(every)
	if !several {
		list = every{n}
	}
	var known every
	for _, n := range list {
		if all || expense(n) <= inList {
			known = append(known, n)
		} else {
			a.rest = append(a.rest, n)
		}
	}
	if len(known) > 0 {
		a.among, err = f.evalEvery(known, nil)
	}
	return a, err
}

// settle finds out what holds of all that may be found.
func (f *finder) settle(a *answer) (err error) {
	a.among, err = f.evalEvery(a.rest, a.among)
	a.rest = nil
	return err
}
