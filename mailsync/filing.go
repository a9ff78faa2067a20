package mailsync

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"tmail/account"
	"tmail/message"
	"tmail/store"
)

// Where the copy of a message goes that was sent.

// errUnlisted says that nobody has asked yet which folders the server has. What is to be filed waits for that: a folder
// of ours beside the one there is would be in the way for ever.
var errUnlisted = errors.New("the folders of the server are not known yet")

// file takes a message the server has accepted out of the Outbox and into its folder, and with it marks what it answers.
func (s *sender) file(ctx context.Context, out *store.Outgoing) error {
	to, err := s.copyFolder(ctx, out)
	if errors.Is(err, errUnlisted) {
		return nil // sendDue comes back to it when they are
	}
	if err != nil {
		return err
	}
	if err := s.store.Outbox.Sent(ctx, out.ID, to); err != nil {
		return err
	}
	s.sent++
	return nil
}

// fileAccepted files what waits only for that.
func (s *sender) fileAccepted(ctx context.Context) error {
	due, err := s.store.Outbox.Due(ctx, s.account.Name)
	for _, out := range due {
		if out.Step == store.SendAccepted {
			err = errors.Join(err, s.file(ctx, out))
		}
	}
	return err
}

// copyFolder returns where the copy of a message goes: the folder its author has for that, else the account's; 0 where
// the provider files a copy by itself. A missing one is made.
func (s *sender) copyFolder(ctx context.Context, out *store.Outgoing) (store.ID, error) {
	own := s.sentOf(out.From)
	if own == "" && !s.account.CopyToSent {
		return 0, nil
	}
	if own == "" {
		folder, err := s.store.Index.FolderByRole(ctx, s.account.Name, account.RoleSent)
		if !errors.Is(err, store.ErrNoSuch) {
			return folder.ID, err
		}
	}
	if s.account.Incoming.Protocol == account.ProtocolIMAP {
		known, err := s.store.Remote.Folders(ctx, s.account.Name)
		if err == nil && len(known) == 0 {
			err = errUnlisted
		}
		if err != nil {
			return 0, err
		}
	}
	if own != "" {
		return s.folderNamed(ctx, own, "")
	}
	return s.folderNamed(ctx, cmp.Or(s.account.Roles[account.RoleSent], "Sent"), account.RoleSent)
}

// sentOf is the folder that the identity with an address of the envelope has for copies; "" where it has none.
func (s *sender) sentOf(from string) string {
	for _, i := range s.account.Identities {
		wire := message.Draft{From: []message.Address{{Addr: i.Email}}}
		if strings.EqualFold(wire.ReturnPath(), from) {
			return i.Sent
		}
	}
	return ""
}

// folderNamed returns the folder of that name, whatever its role is; one that is not there is made with this role.
func (s *sender) folderNamed(ctx context.Context, name string, role account.Role) (store.ID, error) {
	id, err := s.store.Changes.CreateFolder(ctx, s.account.Name, name, role)
	if !errors.Is(err, store.ErrExists) {
		return id, err
	}
	all, listErr := s.store.Index.Folders(ctx)
	i := slices.IndexFunc(all, func(f store.Folder) bool { return f.Account == s.account.Name && f.Name == name && !f.NoSelect })
	if listErr != nil || i < 0 {
		return 0, errors.Join(err, listErr)
	}
	return all[i].ID, nil
}
