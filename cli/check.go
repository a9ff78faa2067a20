package cli

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"tmail/account"
	"tmail/lang"
	"tmail/mailsync"
	"tmail/message/safe"
)

// checkedStage is the outcome of one stage of a check in JSON.
type checkedStage struct {
	Server      string         `json:"server"` // "receive" or "send"
	Stage       string         `json:"stage"`
	Host        string         `json:"host"`
	OK          bool           `json:"ok"`
	Error       string         `json:"error,omitempty"` // a sentence
	Words       string         `json:"words,omitempty"` // the server's own
	Addresses   []string       `json:"addresses,omitempty"`
	TLS         string         `json:"tls,omitempty"`
	Certificate *certificate   `json:"certificate,omitempty"`
	Offers      []string       `json:"offers,omitempty"`
	Folders     []folderOnSide `json:"folders,omitempty"`
}

type certificate struct {
	Subject     string `json:"subject"`
	Issuer      string `json:"issuer"`
	NotAfter    string `json:"not_after"` // RFC 3339
	Fingerprint string `json:"fingerprint"`
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
		Short: "Try the servers of each account, step by step",
		Long: "check looks up the servers of each account, connects, checks the certificates, signs\n" +
			"in, and looks at the folders; then it signs in to send. Nothing is fetched or sent.\n" +
			"With --trace FILE the whole talk is written down, secrets redacted.",
		Args: noArgs,
		RunE: p.does(func(ctx context.Context, _ []string) error { return p.check(ctx, asJSON) }),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
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
	if err := p.unlock(config); err != nil {
		return err
	}
	options := mailsync.Options{Timeout: setupSilence}
	if p.traceFile != "" {
		trace, err := createPrivate(p.traceFile)
		if err != nil {
			return usagef("--trace: %w", err)
		}
		defer trace.Close()
		options.Trace = trace
	}
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
		done = append(done, checkedAccount{Name: a.Name, Error: a.Err.Error()})
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
	d.OK = mailsync.Check(ctx, a, o, func(c mailsync.Checked) { d.Stages = append(d.Stages, stageOf(c)) })
	return d
}

func stageOf(c mailsync.Checked) checkedStage {
	s := checkedStage{Server: "receive", Stage: string(c.Stage), Host: c.Host, OK: c.Problem == nil, Addresses: c.Addresses, Offers: c.Offers}
	if c.Outgoing {
		s.Server = "send"
	}
	if c.Problem != nil {
		s.Error, s.Words = sentence(c.Problem), c.Problem.Words
	}
	if cert := c.Certificate; cert != nil {
		s.TLS = cert.Version
		s.Certificate = &certificate{cert.Subject, cert.Issuer, cert.NotAfter.UTC().Format(time.RFC3339), "sha256:" + cert.Fingerprint}
	}
	for _, f := range c.Folders {
		s.Folders = append(s.Folders, folderOnSide{f.Name, string(f.Role)})
	}
	return s
}

func (p *program) printChecks(done []checkedAccount, asJSON bool) error {
	if asJSON {
		return writeJSON(p.stdout, map[string][]checkedAccount{"accounts": done})
	}
	for _, d := range done {
		if d.Error != "" {
			continue // told with the errors of the configuration
		}
		fmt.Fprintln(p.stdout, safe.Line(d.Name))
		for _, s := range d.Stages {
			p.printStage(s)
		}
	}
	return nil
}

// printStage prints a line for a stage, and more for one that failed.
func (p *program) printStage(s checkedStage) {
	sign := "ok"
	if !s.OK {
		sign = "!!"
	}
	line := fmt.Sprintf("  %s  %-7s  %-11s  %s", sign, s.Server, s.Stage, s.Host)
	if facts := s.facts(); facts != "" && s.OK {
		line += "  " + facts
	}
	fmt.Fprintln(p.stdout, safe.Line(line))
	if s.OK {
		return
	}
	fmt.Fprintln(p.stdout, "      "+safe.Line(s.Error))
	if s.Words != "" {
		fmt.Fprintln(p.stdout, "      "+safe.Line(lang.T("details.words")+" "+s.Words))
	}
	if s.Certificate != nil {
		fmt.Fprintln(p.stdout, "      "+safe.Line(s.Certificate.Fingerprint))
	}
}

// facts are what a stage found out, for a person.
func (s checkedStage) facts() string {
	switch {
	case len(s.Addresses) > 0:
		return strings.Join(s.Addresses, " ")
	case s.Certificate != nil:
		day, _, _ := strings.Cut(s.Certificate.NotAfter, "T")
		return s.TLS + ", until " + day
	case len(s.Offers) > 0:
		return strings.Join(s.Offers, " ")
	case len(s.Folders) > 0:
		var names []string
		for _, f := range s.Folders {
			if f.Role != "" {
				f.Name += " (" + f.Role + ")"
			}
			names = append(names, f.Name)
		}
		return strings.Join(names, ", ")
	}
	return ""
}
