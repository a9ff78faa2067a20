package mailsync

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"tmail/account"
	"tmail/store"
	"tmail/transport"
)

// phrased is an error that names its sentence, as those about secrets do.
type phrased struct{ error }

func (phrased) Phrase() (string, []any) { return "secret.command_silent", []any{"Limit", "30s"} }

// What is kept of an error: the server's words as text, or the sentence of our own, or what the error says.
func TestProblemOf(t *testing.T) {
	gbk := func(text string) string {
		encoded, err := simplifiedchinese.GBK.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	a := account.Account{Incoming: account.Endpoint{Host: "imap.own.test", Port: 993}}
	for _, tt := range []struct {
		name  string
		err   error
		kind  store.ProblemKind
		words string
		says  string
	}{
		{"ASCII", &transport.Error{Kind: transport.KindAuth, Op: "sign in", Words: "LOGIN failed"}, store.ProblemAuth, "LOGIN failed", ""},
		{"UTF-8", &transport.Error{Kind: transport.KindAuth, Op: "sign in", Words: "帐号已被冻结"}, store.ProblemAuth, "帐号已被冻结", ""},
		{"GBK", &transport.Error{Kind: transport.KindAuth, Op: "sign in", Words: gbk("LOGIN 登录失败，密码错误")}, store.ProblemAuth, "LOGIN 登录失败，密码错误", ""},
		{"GBK, few words", &transport.Error{Kind: transport.KindRefused, Op: "send", Words: gbk("550 用户被锁定")}, store.ProblemRefused, "550 用户被锁定", ""},
		{"secret", &transport.Error{Kind: transport.KindAuth, Op: "get the password", Err: fmt.Errorf("ask: %w", phrased{errors.New("silent")})},
			store.ProblemAuth, "", "secret.command_silent [Limit 30s]"},
		{"certificate", &transport.Error{Kind: transport.KindTLS, Op: "connect", Code: transport.CodeExpired, Err: errors.New("it expired on Friday")},
			store.ProblemTLS, "connect: it expired on Friday", ""},
		{"TLS without a cause", &transport.Error{Kind: transport.KindTLS, Op: "begin", Code: transport.CodeNoStartTLS}, store.ProblemTLS, "no-starttls begin: tls error", ""},
	} {
		p := problemOf(tt.err, a, time.Now())
		says := strings.TrimSuffix(fmt.Sprint(p.Says, " ", p.Values), " []")
		if p.Kind != tt.kind || p.Words != tt.words || strings.TrimSpace(says) != tt.says || p.Host != "imap.own.test:993" {
			t.Errorf("%s: %+v", tt.name, p)
		}
	}
}
