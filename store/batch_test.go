package store

import "testing"

// What is added is in the index at once when all before it is, and waits for
// its turn otherwise; either way every header is indexed once.
func TestAddedIsIndexed(t *testing.T) {
	s := newStore(t)
	inbox := folderNamed(t, s, "work", "INBOX")
	added := 0
	add := func(n int) {
		t.Helper()
		list := make([]NewMessage, n)
		for i := range list {
			added++
			list[i] = mail(added, uint32(added), 0)
		}
		_, err := s.Remote.Add(t.Context(), inbox, append(list, list[0])) // told of twice
		must(t, err)
	}
	left := func(want bool) {
		t.Helper()
		n, err := s.Search.unindexed(t.Context())
		must(t, err)
		if n > 0 != want {
			t.Fatalf("%d are left to be indexed", n)
		}
		query, err := ParseQuery("subject:message", clock)
		must(t, err)
		found, err := s.Search.Find(t.Context(), query, Scope{}, 1000)
		must(t, err)
		if len(found.IDs) != added {
			t.Fatalf("%d of %d are found", len(found.IDs), added)
		}
	}
	add(3)
	left(false)
	add(rowsAtOnce + 2)
	left(false)
	must(t, s.Drafts.Save(t.Context(), &Draft{Account: "work", Subject: "message"}))
	added++
	add(4)
	left(true) // the draft comes first
	must(t, s.Search.IndexHeaders(t.Context()))
	left(false)
	add(2)
	left(false)
	heads, err := one(s.d.reading(t.Context()), value[int], "SELECT count(*) FROM search_head_docsize")
	must(t, err)
	if heads != added-1 {
		t.Errorf("%d headers of %d messages and a draft are in the index", heads, added-1)
	}
}
