package ui

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tmail/account"
	"tmail/lang"
	"tmail/mailsync"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

var update = flag.Bool("update", false, "write the golden screens anew")

func TestMain(m *testing.M) {
	lang.Use("en")
	os.Exit(m.Run())
}

// clock is when all tests of the screen take place.
var clock = time.Date(2026, 11, 20, 14, 30, 0, 0, time.FixedZone("UTC+8", 8*3600))

// recorder is an engine without servers: it notes what the screen asks for, and stores bodies when told to.
type recorder struct {
	mu        sync.Mutex
	wanted    []store.ID
	refreshed []string
	search    func(acct string, folder store.ID, q store.Query) (mailsync.Found, error) // nil: finds nothing
	fetch     func(missing []mailsync.Finds) (mailsync.Found, error)                    // nil: nothing comes
}

func (r *recorder) Want(ids ...store.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wanted = append(r.wanted, ids...)
}

func (r *recorder) WantText(ids ...store.ID) { r.Want(ids...) }

// asked is how often a message was wanted.
func (r *recorder) asked(id store.ID) (times int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.wanted {
		if w == id {
			times++
		}
	}
	return times
}

func (r *recorder) Look(store.ID) {}

func (r *recorder) Search(_ context.Context, acct string, folder store.ID, q store.Query) (mailsync.Found, error) {
	if r.search == nil {
		return mailsync.Found{}, nil
	}
	return r.search(acct, folder, q)
}

func (r *recorder) FetchFound(_ context.Context, _ string, _ store.Query, missing []mailsync.Finds) (mailsync.Found, error) {
	if r.fetch == nil {
		return mailsync.Found{Missing: missing}, nil
	}
	return r.fetch(missing)
}

func (r *recorder) Refresh(acct string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refreshed = append(r.refreshed, acct)
}

// screen drives the program as a person does: press keys, read what is shown. Commands run as Bubble Tea runs them;
// what they bring back is taken in while a condition is awaited.
type screen struct {
	t      testing.TB
	m      *model
	st     *store.Store
	engine *recorder
	msgs   chan tea.Msg
	quit   bool
	dir    string
}

// mailbox fills a store; see sample_test.go.
type mailbox func(testing.TB, *store.Store)

// tempDir is t.TempDir without its complaint: a command that runs on after a test, as after quitting, may still close a
// file in it.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tmail-ui")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func start(t testing.TB, width, height int, fill mailbox, change ...func(*Options)) *screen {
	t.Helper()
	safe.SetAmbiguousWide(false)
	ctx, cancel := context.WithCancel(context.Background())
	dir := tempDir(t)
	st, err := store.Open(ctx, filepath.Join(dir, "data"), func() time.Time { return clock })
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, st: st, engine: &recorder{}, msgs: make(chan tea.Msg, 1000), dir: dir}
	t.Cleanup(func() {
		cancel()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	config := sampleConfig()
	if err := st.Accounts.Register(ctx, config.Accounts...); err != nil {
		t.Fatal(err)
	}
	if fill != nil {
		fill(t, st)
		indexAll(t, st)
	}
	o := Options{Store: st, Engine: s.engine, Config: config, Now: func() time.Time { return clock },
		Random: strings.NewReader(strings.Repeat("0123456789abcdef", 100)), Dir: filepath.Join(dir, "files")}
	for _, c := range change {
		c(&o)
	}
	if s.m, err = newModel(ctx, o); err != nil {
		t.Fatal(err)
	}
	s.m.saveDir = dir
	wake := st.Watch(ctx)
	go func() {
		for range wake {
			s.msgs <- changedStore{}
		}
	}()
	s.feed(tea.WindowSizeMsg{Width: width, Height: height})
	s.run(s.m.Init())
	return s
}

// indexAll does what the engine does in the background.
func indexAll(t testing.TB, st *store.Store) {
	t.Helper()
	for left := 1; left > 0; {
		var err error
		if left, err = st.Search.Index(context.Background(), 10_000); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *screen) run(cmd tea.Cmd) {
	if cmd != nil {
		go func() { s.msgs <- cmd() }()
	}
}

// feed hands one message to the program and starts what it asks for.
func (s *screen) feed(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			s.run(cmd)
		}
	case tea.QuitMsg:
		s.quit = true
	case editorReady: // Bubble Tea would give it the terminal
		if info, err := os.Stat(msg.path); err != nil || info.Mode().Perm() != 0o600 {
			s.t.Errorf("the file for the editor is %v, %v", info.Mode(), err)
		}
		argv := editorCommand(s.m.Config.Editor, os.Getenv)
		s.feed(msg.closed(exec.Command(argv[0], append(argv[1:], msg.path)...).Run()))
	default:
		if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			return // a sequence of writes to the terminal
		}
		_, cmd := s.m.Update(msg)
		s.run(cmd)
	}
}

// until takes in what comes back until the condition holds.
func (s *screen) until(holds func() bool) bool {
	deadline := time.After(time.Minute)
	for !holds() {
		select {
		case msg := <-s.msgs:
			s.feed(msg)
		case <-deadline:
			return holds()
		}
	}
	return true
}

// Press presses keys by their names.
func (s *screen) Press(names ...string) *screen {
	s.t.Helper()
	for _, name := range names {
		s.feed(keyPress(s.t, name))
	}
	return s
}

// Type types a text.
func (s *screen) Type(text string) *screen {
	for _, r := range text {
		s.feed(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return s
}

// Paste pastes a text.
func (s *screen) Paste(text string) *screen {
	s.feed(tea.PasteMsg{Content: text})
	return s
}

// Resize changes the size of the terminal.
func (s *screen) Resize(width, height int) *screen {
	s.feed(tea.WindowSizeMsg{Width: width, Height: height})
	return s
}

// Shows waits until every text stands on the screen.
func (s *screen) Shows(texts ...string) *screen {
	s.t.Helper()
	for _, text := range texts {
		if !s.until(func() bool { return strings.Contains(s.text(), text) }) {
			s.t.Fatalf("the screen does not show %q:\n%s", text, s.text())
		}
	}
	return s
}

// Hides waits until no text stands on the screen any more.
func (s *screen) Hides(texts ...string) *screen {
	s.t.Helper()
	for _, text := range texts {
		if !s.until(func() bool { return !strings.Contains(s.text(), text) }) {
			s.t.Fatalf("the screen still shows %q:\n%s", text, s.text())
		}
	}
	return s
}

// Await waits for something that is not on the screen.
func (s *screen) Await(what string, holds func() bool) *screen {
	s.t.Helper()
	if !s.until(holds) {
		s.t.Fatalf("awaited in vain: %s\n%s", what, s.text())
	}
	return s
}

// Idle waits until all that was asked of the store is done.
func (s *screen) Idle() *screen {
	s.t.Helper()
	return s.Await("nothing to do", func() bool {
		if found := s.m.list.search; found != nil && (found.server.waiting > 0 || found.snippets.load.waiting()) {
			return false
		}
		return !s.m.busy() && !s.m.list.load.waiting() && !s.m.folders.load.waiting() && !s.m.list.again
	})
}

func (s *screen) text() string {
	content, _ := s.m.screen()
	return ansi.Strip(content)
}

// lines are the rows of the screen; each must be exactly as wide as it is.
func (s *screen) lines() []string {
	s.t.Helper()
	rows := strings.Split(s.text(), "\n")
	for i, row := range rows {
		if w := safe.Width(safe.Text(row)); w != s.m.width {
			s.t.Errorf("row %d is %d columns wide, not %d: %q", i, w, s.m.width, row)
		}
	}
	if len(rows) != s.m.height {
		s.t.Errorf("%d rows, not %d", len(rows), s.m.height)
	}
	return rows
}

// Looks compares the screen with the golden one of that name.
func (s *screen) Looks(name string) *screen {
	s.t.Helper()
	rows := s.lines()
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	got := strings.Join(rows, "\n") + "\n"
	path := filepath.Join("testdata", fmt.Sprintf("%s-%dx%d.txt", name, s.m.width, s.m.height))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			s.t.Fatal(err)
		}
		return s
	}
	want, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if got != string(want) {
		s.t.Errorf("%s differs (go test ./ui -update writes it anew). Got:\n%s\nwant:\n%s", path, got, want)
	}
	return s
}

// Cursor is where the terminal's cursor is; (-1, -1) when it is hidden.
func (s *screen) Cursor() (x, y int) {
	if _, c := s.m.screen(); c != nil {
		return c.X, c.Y
	}
	return -1, -1
}

// folder is one of the folders in the store.
func (s *screen) folder(acct string, role account.Role) store.Folder {
	s.t.Helper()
	f, err := s.st.Index.FolderByRole(context.Background(), acct, role)
	if err != nil {
		s.t.Fatalf("folder %s of %s: %v", role, acct, err)
	}
	return f
}

// subjects are the subjects of a folder in the store, newest first.
func (s *screen) subjects(acct string, role account.Role) []string {
	s.t.Helper()
	rows, err := s.st.Index.Newest(context.Background(), s.folder(acct, role).ID, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	var list []string
	for _, r := range rows {
		list = append(list, r.Subject)
	}
	return list
}

// holds awaits a subject in a folder of the store.
func (s *screen) holds(acct string, role account.Role, subject string, want bool) *screen {
	s.t.Helper()
	return s.Await(fmt.Sprintf("%q in %s: %v", subject, role, want), func() bool {
		return slices.Contains(s.subjects(acct, role), subject) == want
	})
}

var keyCodes = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "space": tea.KeySpace, "f1": tea.KeyF1,
}

func keyPress(t testing.TB, name string) tea.KeyPressMsg {
	t.Helper()
	var k tea.KeyPressMsg
	for {
		if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
			name, k.Mod = rest, k.Mod|tea.ModCtrl
		} else if rest, ok := strings.CutPrefix(name, "alt+"); ok {
			name, k.Mod = rest, k.Mod|tea.ModAlt
		} else if rest, ok := strings.CutPrefix(name, "shift+"); ok {
			name, k.Mod = rest, k.Mod|tea.ModShift
		} else {
			break
		}
	}
	if code, ok := keyCodes[name]; ok {
		k.Code = code
		if name == "space" {
			k.Text = " "
		}
		return k
	}
	r := []rune(name)
	if len(r) != 1 {
		t.Fatalf("no key is called %q", name)
	}
	k.Code = r[0]
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}

// letter is a message for a sample mailbox.
type letter struct {
	from, to, subject, body string
	ago                     time.Duration
	flags                   message.Flags
	unfetched               bool // only its header is here
	cc, extra               string
	id                      string // "" makes one of subject and sender
}

func (l letter) raw() []byte {
	body := l.body
	if l.extra == "" {
		l.extra = "Content-Type: text/plain; charset=utf-8\r\n"
	}
	if l.cc != "" {
		l.extra = "Cc: " + l.cc + "\r\n" + l.extra
	}
	if l.id == "" {
		l.id = fmt.Sprintf("%x@example.com", sha256.Sum224([]byte(l.subject+l.from)))
	}
	return []byte(fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\nMIME-Version: 1.0\r\n%s\r\n%s",
		l.from, l.to, l.subject, clock.Add(-l.ago).Format(time.RFC1123Z), l.id, l.extra,
		strings.ReplaceAll(body, "\n", "\r\n")))
}

// deliver puts letters into a folder as a server would have them, and stores their bodies.
func deliver(t testing.TB, st *store.Store, folder store.ID, firstUID uint32, letters ...letter) []store.ID {
	t.Helper()
	ctx := context.Background()
	var news []store.NewMessage
	for i, l := range letters {
		raw := l.raw()
		news = append(news, store.NewMessage{UID: firstUID + uint32(i), Flags: l.flags, Date: clock.Add(-l.ago), Size: int64(len(raw)),
			Envelope: message.ParseHeader(raw).Envelope()})
	}
	ids, err := st.Remote.Add(ctx, folder, news)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range letters {
		if !l.unfetched {
			storeBody(t, st, ids[i], l.raw())
		}
	}
	return ids
}

func storeBody(t testing.TB, st *store.Store, id store.ID, raw []byte) {
	t.Helper()
	msg, err := message.Read(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	err = st.Bodies.Put(context.Background(), []store.Body{{ID: id, Raw: raw, Preview: message.Summary(msg), HasAttachments: msg.HasAttachments()}})
	if err != nil {
		t.Fatal(err)
	}
}

func stripped(s string) string { return ansi.Strip(s) }
