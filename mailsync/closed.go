package mailsync

import (
	"context"
	"errors"

	"tmail/transport"
)

// opReadFolder is the Op of problems with folders that a server lists and does not open.
const opReadFolder = "read folder"

// closed passes over a folder that cannot be opened or read to its end: what is here of it stays. The person is told
// once that it is not kept in step, unless the server only asks for patience.
func (s *imapSide) closed(ctx context.Context, f target, why error) error {
	s.log.Warn("folder not read", "folder", f.Name, "error", why)
	var te *transport.Error
	if s.refused[f.Name] || errors.As(why, &te) && te.Kind == transport.KindTemporary {
		return nil
	}
	s.refused[f.Name] = true
	problem := problemOf(why, s.account, s.now())
	problem.Op = opReadFolder
	return s.store.Accounts.TellAbout(ctx, s.account.Name, f.Name, *problem)
}
