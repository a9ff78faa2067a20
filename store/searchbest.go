package store

import "slices"

// Best first: by where the words stand, in the subject, as whole words there,
// in addresses. Equals stay newest first.

// best returns what was found, what fits best first.
func (f *finder) best(q Query, a *answer, limit int) (Found, error) {
	fit, err := f.fit(q)
	if err != nil || len(fit) == 0 {
		return f.collect(a, f.seeCopies(), limit)
	}
	if limit == 0 {
		return f.allBest(a, fit)
	}
	if a.among == nil {
		if a.among, err = f.all(); err != nil {
			return Found{}, err
		}
	}
	var result Found
	seen := f.seeCopies()
	for n := fit.most(); n >= 0 && !result.More && err == nil; n-- {
		equals := &answer{fit.equal(n, a.among), a.rest, a.compared, fit.equal(n, a.held)}
		if equals.among.size()+equals.held.size() == 0 {
			continue
		}
		if result.More = len(result.IDs) == limit; result.More {
			break
		}
		var next Found
		next, err = f.collect(equals, seen, limit-len(result.IDs))
		result.IDs, result.More = append(result.IDs, next.IDs...), next.More
	}
	return result, err
}

// allBest goes through the lists but once.
func (f *finder) allBest(a *answer, fit sums) (result Found, err error) {
	var list []entry
	err = f.ordered(a, func(page []entry) (bool, error) {
		list = append(list, page...)
		return true, nil
	})
	if err != nil {
		return result, err
	}
	slices.SortStableFunc(list, func(a, b entry) int { return fit.of(b.id) - fit.of(a.id) })
	list, err = f.once(f.seeCopies(), list)
	for _, e := range list {
		result.IDs = append(result.IDs, e.id)
	}
	return result, err
}

// fit finds out how well messages fit.
func (f *finder) fit(q Query) (sum sums, err error) {
	eachWanted(q.root, func(w *wanted) {
		for _, place := range []struct {
			fields fields
			whole  bool
			worth  int
		}{{inSubject, false, 4}, {inSubject, true, 3}, {inFrom | inTo | inCc, false, 2}} {
			asked := *w
			asked.fields &= place.fields
			asked.open = w.open && !place.whole
			if asked.fields == 0 || err != nil {
				continue
			}
			var found idSet
			if found, err = f.words(&asked); err == nil {
				sum = sum.add(found, place.worth)
			}
		}
	})
	return sum, err
}

// sums is a number for each message: the set of those whose number has a
// binary digit, for each digit.
type sums []idSet

// add adds n to the numbers of some.
func (s sums) add(to idSet, n int) sums {
	for digit := 0; n>>digit > 0; digit++ {
		if n>>digit&1 == 0 {
			continue
		}
		carry := to
		for at := digit; carry.size() > 0; at++ {
			for len(s) <= at {
				s = append(s, nil)
			}
			s[at], carry = s[at].without(carry).or(carry.without(s[at])), s[at].and(carry)
		}
	}
	return s
}

func (s sums) of(id ID) (n int) {
	for digit, set := range s {
		if set.has(id) {
			n |= 1 << digit
		}
	}
	return n
}

// most is at least the greatest of the numbers.
func (s sums) most() int { return 1<<len(s) - 1 }

// equal returns those of a set whose number is n.
func (s sums) equal(n int, of idSet) idSet {
	for digit, set := range s {
		if n>>digit&1 == 1 {
			of = of.and(set)
		} else {
			of = of.without(set)
		}
	}
	return of
}
