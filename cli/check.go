package cli

import (
	"context"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"tmail/account"
	"tmail/lang"
	"tmail/mailsync"
	"tmail/store"
)

// checkedStage is the outcome of one stage of a check in JSON.
type checkedStage struct {
	Server      string         `json:"server"` // "receive" or "send"
	Stage       string         `json:"stage"`
	Host        string         `json:"host"`
	Port        int            `json:"port,omitempty"`
	OK          bool           `json:"ok"`
	Error       string         `json:"error,omitempty"` // a sentence
	Words       string         `json:"words,omitempty"` // the server's own
	Addresses   []string       `json:"addresses,omitempty"`
	TLS         string         `json:"tls,omitempty"`
	Certificate *certificate   `json:"certificate,omitempty"`
	Offers      []string       `json:"offers,omitempty"`
	Uses        []string       `json:"uses,omitempty"`       // those of Offers that tmail makes use of
	SizeLimit   int64          `json:"size_limit,omitempty"` // bytes
	Folders     []folderOnSide `json:"folders,omitempty"`
	Clock       *serverClock   `json:"clock,omitempty"`

	checked mailsync.Checked
}

type certificate struct {
	Subject     string `json:"subject"`
	Issuer      string `json:"issuer"`
	NotAfter    string `json:"not_after"` // RFC 3339
	Fingerprint string `json:"fingerprint"`
}

// serverClock is the difference between the server's clock and ours, where the
// server lets one know.
type serverClock struct {
	Ahead   float64 `json:"ahead_seconds"` // of ours
	AtLeast bool    `json:"at_least,omitempty"`
	Within  float64 `json:"within_seconds"`
	From    string  `json:"from"` // "greeting", "search" or "message"
}

type folderOnSide struct {
	Name string `json:"name"`
	Role string `json:"role"`
}

// checkedAccount is the outcome of one account in JSON.
type checkedAccount struct {
	Name   string         `json:"name"`
	OK     bool           `json:"ok"`
	Stages []checkedStage `json:"stages"`
	Error  string         `json:"error,omitempty"` // of its configuration
}

func (p *program) checkCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "command.check",
		Long:  "command.check_long",
		Args:  noArgs,
		RunE:  p.does(func(ctx context.Context, _ []string) error { return p.check(ctx, asJSON) }),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "flag.json")
	return cmd
}

// check tries all accounts side by side and prints them in their order.
func (p *program) check(ctx context.Context, asJSON bool) error {
	config, err := p.loadConfig()
	if err != nil {
		return err
	}
	s := &session{config: config}
	if _, err := s.choose(p.accountName); err != nil {
		return err
	}
	if err := p.unlock(ctx, config); err != nil {
		return err
	}
	trace, err := p.openTrace()
	if err != nil {
		return err
	}
	defer trace.Close()
	options := mailsync.Options{Timeout: setupSilence, Trace: trace.to}
	done := make([]checkedAccount, len(s.accounts))
	var all sync.WaitGroup
	for i, a := range s.accounts {
		all.Go(func() { done[i] = checkAccount(ctx, a, options) })
	}
	all.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	failed := false
	for _, d := range done {
		failed = failed || !d.OK
	}
	for _, a := range s.broken {
		done = append(done, checkedAccount{Name: a.Name, Error: lang.Sentence(a.Err)})
	}
	if err := p.printChecks(done, asJSON); err != nil {
		return err
	}
	if failed {
		err = errToldAlready
	}
	return p.reportBroken(s.broken, err)
}

func checkAccount(ctx context.Context, a account.Account, o mailsync.Options) checkedAccount {
	d := checkedAccount{Name: a.Name}
	d.OK = mailsync.Examine(ctx, a, o, func(c mailsync.Checked) { d.Stages = append(d.Stages, stageOf(c)) })
	return d
}

// triedOnce says a problem to who is not promised that it goes by itself.
func triedOnce(p *store.Problem) string {
	if p.Says != "" {
		return lang.Say(p)
	}
	return lang.CheckProblem(string(p.Kind), p.Op, p.Host, p.Words)
}

func stageOf(c mailsync.Checked) checkedStage {
	s := checkedStage{Server: "receive", Stage: string(c.Stage), Host: c.Host, Port: c.Port, OK: c.Problem == nil, checked: c,
		Addresses: c.Addresses, Offers: c.Offers, Uses: c.Uses, SizeLimit: c.SizeLimit}
	if c.Outgoing {
		s.Server = "send"
	}
	if c.Problem != nil {
		s.Error, s.Words = triedOnce(c.Problem), c.Problem.Words
	}
	if cert := c.Certificate; cert != nil {
		s.TLS = cert.Version
		s.Certificate = &certificate{cert.Subject, cert.Issuer, cert.NotAfter.UTC().Format(time.RFC3339), "sha256:" + cert.Fingerprint}
	}
	for _, f := range c.Folders {
		s.Folders = append(s.Folders, folderOnSide{f.Name, string(f.Role)})
	}
	if clock := c.Clock; clock != nil {
		s.Clock = &serverClock{clock.Ahead.Seconds(), clock.AtLeast, clock.Within.Seconds(), string(clock.From)}
	}
	return s
}
