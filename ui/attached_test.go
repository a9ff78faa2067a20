package ui

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"tmail/account"
	"tmail/store"
)

const nestedBody = `--b
Content-Type: text/plain

See the message attached.
--b
Content-Type: message/rfc822

From: Carol <carol@example.com>
To: ann@example.com
Subject: The older one
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: text/plain

What Carol wrote.
--c
Content-Type: message/rfc822

Subject: The oldest one
Content-Type: multipart/mixed; boundary=d

--d

The oldest words.
--d
Content-Type: text/csv
Content-Disposition: attachment; filename="deep.csv"

1,2,3
--d--
--c--
--b--
`

func TestAttachedMessagesOpen(t *testing.T) {
	s := start(t, 100, 30, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliverFirst(t, st, letter{from: "Ann <ann@example.com>", to: "me@example.com", subject: "Two within", ago: time.Minute,
			extra: "Content-Type: multipart/mixed; boundary=b\r\n", body: nestedBody})
	})
	s.Shows("Two within").Idle().Press("enter").Shows("See the message attached.").Press("o").Shows("message.eml").Press("a")
	s.Shows("What Carol wrote.", "Attached to “Two within”", "Carol <carol@example.com>").Press("o").Press("a")
	s.Shows("The oldest words.", "deep.csv").Press("v").Shows("Subject: The oldest one").Hides("Carol").Press("v")
	s.Press("S").Shows("deep.csv").Press("a").Shows("Save deep.csv in").Press("enter").Shows("Saved")
	if content, err := os.ReadFile(filepath.Join(s.dir, "deep.csv")); err != nil || strings.TrimSpace(string(content)) != "1,2,3" {
		t.Errorf("saved %q, %v", content, err)
	}
	s.Press("esc").Shows("What Carol wrote.").Press("esc").Shows("See the message attached.").Press("esc").Shows("Budget 2027")
}

func TestCharsetByHand(t *testing.T) {
	s := start(t, 100, 30, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliverFirst(t, st, letter{from: "Ann <ann@example.com>", to: "me@example.com", subject: "Which charset", ago: time.Minute,
			extra: "Content-Type: text/plain; charset=iso-8859-1\r\n", body: "\xcf\xd2 here\n"})
	})
	s.Shows("Which charset").Idle().Press("enter").Shows("ÏÒ here").Press("=").Shows("Read the message as").Type("koi").Press("enter")
	s.Shows("ор here", "Read as KOI8-R").Press("=").Type("says").Press("enter").Shows("ÏÒ here").Hides("KOI8-R")
}

func TestPictures(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 200, 100))
	for i := range picture.Pix {
		picture.Pix[i] = 0xff
	}
	picture.Set(0, 0, color.RGBA{1, 2, 3, 255})
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, picture); err != nil {
		t.Fatal(err)
	}
	s := start(t, 80, 40, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliverFirst(t, st, letter{from: "Ann <ann@example.com>", to: "me@example.com", subject: "A view", ago: time.Minute,
			extra: "Content-Type: multipart/mixed; boundary=b\r\n", body: "--b\n\nLook.\n--b\nContent-Type: image/png; name=view.png\nContent-Transfer-Encoding: base64\n\n" +
				base64.StdEncoding.EncodeToString(encoded.Bytes()) + "\n--b\nContent-Type: image/png; name=broken.png\n\nnot a picture\n--b--\n"})
	})
	s.Shows("A view").Idle().Press("enter").Shows("Look.").Press("i").Shows("▀▀▀▀▀▀▀▀")
	drawn := 0
	for _, row := range s.lines() {
		if strings.Contains(row, "▀") {
			drawn++
			if n := strings.Count(row, "▀"); n != pictureColumns {
				t.Errorf("a row of the picture has %d columns", n)
			}
		}
	}
	if drawn != pictureColumns/4 {
		t.Errorf("the picture has %d rows", drawn)
	}
	s.Press("i").Hides("▀")
}

func TestKittyPictures(t *testing.T) {
	for _, test := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{"TERM": "xterm-kitty"}, true}, {map[string]string{"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, true},
		{map[string]string{"TERM": "xterm-ghostty"}, true}, {map[string]string{"TERM": "xterm-256color"}, false},
		{map[string]string{"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1", "TMUX": "x"}, false},
	} {
		if got := mayHaveKittyGraphics(func(name string) string { return test.env[name] }); got != test.want {
			t.Errorf("%v: %v", test.env, got)
		}
	}
	full := image.NewRGBA(image.Rect(0, 0, 1280, 640))
	for i := range full.Pix {
		full.Pix[i] = byte(i*7919 + i/613)
	}
	p := newPicture(3, "view", full, kittyGraphics)
	if p.kitty.columns != 64 || p.kitty.rows != 16 {
		t.Errorf("%d columns, %d rows", p.kitty.columns, p.kitty.rows)
	}
	var data strings.Builder
	commands := strings.Split(strings.TrimSuffix(p.kitty.send(), "\x1b\\"), "\x1b\\")
	for i, command := range commands {
		keys, chunk, ok := strings.Cut(strings.TrimPrefix(command, "\x1b_G"), ";")
		if !ok || len(chunk) > 4096 || (i == 0) != strings.HasPrefix(keys, "a=T,U=1,q=2,f=100,i=3,c=64,r=16,") || strings.HasSuffix(keys, "m=0") != (i == len(commands)-1) {
			t.Fatalf("command %d of %d is %.60q", i, len(commands), command)
		}
		data.WriteString(chunk)
	}
	raw, err := base64.StdEncoding.DecodeString(data.String())
	if err != nil {
		t.Fatal(err)
	}
	if sent, err := png.Decode(bytes.NewReader(raw)); err != nil || sent.Bounds().Dx() != kittyPixels {
		t.Errorf("what was sent is no picture of the right size: %v", err)
	}
	line := (look{}).row(80).to(2)
	if text := ansi.Strip(p.kitty.row(line, 1)); line.used != 80 || !strings.HasPrefix(text, "  \U0010EEEE\u030d\u0305\U0010EEEE\u030d\u030d") {
		t.Errorf("%d columns used: %+q", line.used, text)
	}
}

// A picture may claim to be larger than memory.
func TestHugePicture(t *testing.T) {
	var huge bytes.Buffer
	if err := png.Encode(&huge, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	raw := huge.Bytes()
	copy(raw[16:], "\x00\x0f\xff\xff\x00\x0f\xff\xff")
	if _, err := decodePicture(raw); err == nil {
		t.Error("a picture of a million million points was read")
	}
}

func TestUnsubscribe(t *testing.T) {
	for _, test := range []struct{ extra, question, then string }{
		{"List-Unsubscribe: <mailto:leave@l.example?subject=leave>\r\n", "message to leave@l.example", "leave@l.example"},
		{"", "does not say how to leave", ""},
	} {
		s := start(t, 100, 30, func(t testing.TB, st *store.Store) {
			sample(t, st)
			deliverFirst(t, st, letter{from: "news@l.example", to: "me@example.com", subject: "Our news", ago: time.Minute,
				extra: test.extra + "Content-Type: text/plain\r\n", body: "News.\n"})
		})
		s.Shows("Our news").Idle().Press("enter").Shows("News.").Press("L").Shows(test.question)
		if test.then != "" {
			s.Press("y").Shows("new message", test.then)
		}
	}
}

func TestOneClickRequest(t *testing.T) {
	var got string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.String() + " " + string(body) + " " + r.Header.Get("Content-Type")
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer server.Close()
	if err := postRemoval(context.Background(), server.Client(), server.URL+"/u?id=1"); err != nil {
		t.Fatal(err)
	}
	if want := "POST /u?id=1 List-Unsubscribe=One-Click application/x-www-form-urlencoded"; got != want {
		t.Errorf("asked %q, not %q", got, want)
	}
	if err := postRemoval(context.Background(), server.Client(), server.URL+"/gone"); err == nil {
		t.Error("no error for a refusal")
	}
	if err := postRemoval(context.Background(), publicWeb(), server.URL); err == nil || !strings.Contains(err.Error(), "not a public address") {
		t.Errorf("a machine of the own network was reached: %v", err)
	}
}

// deliverFirst puts a letter on top of the inbox.
func deliverFirst(t testing.TB, st *store.Store, l letter) {
	t.Helper()
	inbox, err := st.Index.FolderByRole(context.Background(), "work", account.RoleInbox)
	if err != nil {
		t.Fatal(err)
	}
	deliver(t, st, inbox.ID, 900, l)
}

func TestOpenInBrowser(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the opener of this system cannot be replaced")
	}
	s := start(t, 100, 30, func(t testing.TB, st *store.Store) {
		sample(t, st)
		deliverFirst(t, st, letter{from: "news@l.example", to: "me@example.com", subject: "A page", ago: time.Minute,
			extra: "Content-Type: text/html\r\n", body: "<script>x()</script><h1>News</h1><img src=http://l.example/p>\n"})
	})
	opener := filepath.Join(s.dir, "xdg-open")
	if err := os.WriteFile(opener, []byte("#!/bin/sh\ncp \"$1\" "+filepath.Join(s.dir, "shown")+"\nls -l \"$1\" > "+filepath.Join(s.dir, "mode")+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", s.dir+":"+os.Getenv("PATH"))
	s.Shows("A page").Idle().Press("enter").Shows("News").Press("O").Shows("nothing fetched").Press("a").Await("the page", func() bool {
		mode, err := os.ReadFile(filepath.Join(s.dir, "mode"))
		return err == nil && strings.HasSuffix(string(mode), "\n")
	})
	page, err := os.ReadFile(filepath.Join(s.dir, "shown"))
	if err != nil || !strings.Contains(string(page), "<h1>News</h1>") || strings.Contains(string(page), "script") || !strings.Contains(string(page), "img-src data:;") {
		t.Errorf("the browser got %q, %v", page, err)
	}
	if mode, err := os.ReadFile(filepath.Join(s.dir, "mode")); err != nil || !strings.HasPrefix(string(mode), "-rw-------") {
		t.Errorf("the page is a file of %q, %v", mode, err)
	}
}
