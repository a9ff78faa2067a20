package mailsync

import (
	"context"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// remember notes whom new messages are from, or in Sent to, for the completion of addresses. Of a batch everybody
// counts once: on a first fetch the order of use is rough, and from then on each message counts.
func (w *worker) remember(ctx context.Context, role account.Role, batch []store.NewMessage) error {
	seen := map[string]bool{}
	var people []message.Address
	add := func(list []message.Address) {
		for _, a := range list {
			if !seen[a.Addr] {
				seen[a.Addr] = true
				people = append(people, a)
			}
		}
	}
	for _, m := range batch {
		switch role {
		case account.RoleJunk, account.RoleTrash, account.RoleDrafts:
		case account.RoleSent:
			add(m.Envelope.To)
			add(m.Envelope.Cc)
		default:
			add(m.Envelope.From)
		}
	}
	switch {
	case len(people) == 0:
		return nil
	case role == account.RoleSent:
		return w.store.Addresses.Written(ctx, people)
	default:
		return w.store.Addresses.Seen(ctx, people)
	}
}
