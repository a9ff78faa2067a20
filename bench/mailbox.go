package main

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"tmail/mailtest/dovecot"
)

// newest is the subject of the newest message of every mailbox: when a program shows it, it has its first rows.
const newest = "the newest of all"

var (
	words = strings.Fields("invoice meeting report draft review budget release schedule patch server mailbox travel ticket order " +
		"question answer update plan summary notes photo contract agenda minutes proposal deploy backup")
	chineseWords = strings.Fields("会议 报告 发票 合同 计划 通知 更新 项目 周报 邮件 回复 附件 测试 发布 预算 假期")
	people       = []string{"Ann Archer", "Bob Baker", "Chen Wei", "Dora Díaz", "Erik Ek", "王小明", "Fay Fox", "Gus Gray"}
)

// generator makes messages as people have them: most are short text, some have HTML, an attachment or are Chinese, every
// fourth goes on with a thread. The same seed makes the same mail.
type generator struct {
	*rand.Rand
	attachment int  // bytes, at most
	plain      bool // everything is ASCII
	recent     []thread
}

type thread struct{ id, references, subject string }

// makeMailbox fills the inbox of a user, before anybody opens it.
func makeMailbox(s *dovecot.Server, name string, messages, attachment int) error {
	g := &generator{Rand: rand.New(rand.NewPCG(7, uint64(messages))), attachment: attachment}
	home := filepath.Join(s.Mail, name)
	cur := filepath.Join(home, "Maildir", "cur")
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(home, "Maildir", sub), 0o755); err != nil {
			return err
		}
	}
	begin := time.Unix(1_500_000_000, 0)
	for i := range messages {
		at := begin.Add(time.Duration(i) * 2000 * time.Second)
		path := filepath.Join(cur, fmt.Sprintf("%d.M%dP1.host:2,%s", at.Unix(), i, g.flags()))
		if i >= messages-plainRows && !g.plain {
			g.plain, g.recent = true, nil
		}
		if err := os.WriteFile(path, g.message(i, at, i == messages-1), 0o644); err != nil {
			return err
		}
		if err := os.Chtimes(path, at, at); err != nil {
			return err
		}
	}
	return own(home)
}

// own gives a directory to the user that the server reads mail as when it was started by root.
func own(dir string) error {
	if os.Getuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, uid, -1)
	})
}

// flags are those of a Maildir file name: a third is unread.
func (g *generator) flags() string {
	switch p := g.Float64(); {
	case p < 0.33:
		return ""
	case p < 0.4:
		return "RS"
	case p < 0.45:
		return "FS"
	}
	return "S"
}

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// paragraphs makes some lines of text.
func (g *generator) paragraphs(chinese bool) string {
	var b strings.Builder
	for range 6 + g.IntN(20) {
		for range 11 {
			if chinese {
				b.WriteString(pick(g, chineseWords))
			} else {
				b.WriteString(pick(g, words) + " ")
			}
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

func (g *generator) message(i int, at time.Time, last bool) []byte {
	kind := g.Float64()
	chinese := kind >= 0.90 && kind < 0.95 && !g.plain
	t := g.thread(i, chinese)
	if last {
		t.subject = newest
	}
	from, text := pick(g, people), g.paragraphs(chinese)
	if g.plain {
		from = people[0]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Return-Path: <%[1]d@bench.example>\r\nReceived: from mx.bench.example by mail.example with ESMTPS id %[1]x;\r\n\t%[2]s\r\n", i, at.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "From: %s <user%d@bench.example>\r\nTo: Me Myself <me@mail.example>\r\n", mime.QEncoding.Encode("utf-8", from), g.IntN(400))
	if g.IntN(10) < 3 {
		fmt.Fprintf(&b, "Cc: user%d@bench.example, user%d@bench.example\r\n", g.IntN(400), g.IntN(400))
	}
	fmt.Fprintf(&b, "Subject: %s\r\nDate: %s\r\nMessage-ID: %s\r\n", mime.QEncoding.Encode("utf-8", t.subject), at.Format(time.RFC1123Z), t.id)
	if t.references != "" {
		fmt.Fprintf(&b, "In-Reply-To: %s\r\nReferences: %s\r\n", t.references[strings.LastIndex(t.references, "<"):], t.references)
	}
	b.WriteString("MIME-Version: 1.0\r\n")
	switch {
	case chinese:
		raw, err := simplifiedchinese.GB18030.NewEncoder().String(text)
		if err != nil {
			panic(err) // GB18030 has every character
		}
		fmt.Fprintf(&b, "Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\n%s", lines([]byte(raw)))
	case kind >= 0.95:
		fmt.Fprintf(&b, "List-Id: <dev.lists.example>\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n%s", text)
	case kind < 0.60:
		fmt.Fprintf(&b, "Content-Type: text/plain; charset=us-ascii\r\n\r\n%s", text)
	case kind < 0.80:
		fmt.Fprintf(&b, "Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n"+
			"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>%s</p><a href=\"https://example.org/%d\">link</a></body></html>\r\n--b--\r\n",
			text, strings.ReplaceAll(text, "\r\n", "<br>\r\n"), i)
	default:
		file := make([]byte, g.attachment/20+g.IntN(g.attachment))
		for j := range file {
			file[j] = byte(g.Uint32())
		}
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"m\"\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\n%s\r\n"+
			"--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"file%d.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--m--\r\n",
			text, i, lines(file))
	}
	return []byte(b.String())
}

// thread begins a thread or goes on with one.
func (g *generator) thread(i int, chinese bool) thread {
	t := thread{id: fmt.Sprintf("<%d.%d@bench.example>", i, g.Uint32())}
	if len(g.recent) > 0 && g.IntN(4) == 0 {
		parent := pick(g, g.recent)
		t.references = strings.TrimSpace(parent.references + " " + parent.id)
		t.subject = "Re: " + strings.TrimPrefix(parent.subject, "Re: ")
	} else {
		for range 3 + g.IntN(5) {
			if chinese {
				t.subject += pick(g, chineseWords)
			} else {
				t.subject += pick(g, words) + " "
			}
		}
		t.subject += strconv.Itoa(i)
	}
	if len(t.references) > 800 {
		t.references = ""
	}
	g.recent = append(g.recent, t)
	if len(g.recent) > 60 {
		g.recent = g.recent[1:]
	}
	return t
}

// lines encodes bytes as base64 in lines.
func lines(raw []byte) string {
	var b strings.Builder
	for len(raw) > 0 {
		n := min(len(raw), 57)
		b.WriteString(base64.StdEncoding.EncodeToString(raw[:n]) + "\r\n")
		raw = raw[n:]
	}
	return b.String()
}
