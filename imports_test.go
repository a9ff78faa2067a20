package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which rooms each room may import: the house has one way through, and ui never sees a transport.
// A room not listed here imports none of ours.
var mayImport = map[string][]string{
	"tmail":                  {"tmail/cli"},
	"tmail/cli":              {"tmail/ui", "tmail/demo", "tmail/mailsync", "tmail/store", "tmail/message", "tmail/message/safe", "tmail/account", "tmail/lang"},
	"tmail/ui":               {"tmail/mailsync", "tmail/store", "tmail/message", "tmail/message/safe", "tmail/account", "tmail/account/oauth", "tmail/process", "tmail/lang"},
	"tmail/mailsync":         {"tmail/store", "tmail/transport", "tmail/transport/imap", "tmail/transport/pop3", "tmail/transport/smtp", "tmail/message", "tmail/account"},
	"tmail/store":            {"tmail/message", "tmail/account"},
	"tmail/transport":        {"tmail/message", "tmail/account"},
	"tmail/transport/imap":   {"tmail/transport", "tmail/message", "tmail/account"},
	"tmail/transport/pop3":   {"tmail/transport", "tmail/message", "tmail/account"},
	"tmail/transport/smtp":   {"tmail/transport", "tmail/message", "tmail/account", "tmail/process"},
	"tmail/demo":             {"tmail/message", "tmail/account"},
	"tmail/message":          {"tmail/message/safe"},
	"tmail/message/safe":     nil,
	"tmail/account":          {"tmail/account/oauth", "tmail/process"},
	"tmail/account/oauth":    nil,
	"tmail/process":          nil,
	"tmail/lang":             nil,
	"tmail/mailtest":         {"tmail/mailtest/dovecot"},
	"tmail/mailtest/dovecot": nil,
	"tmail/mailtest/modest":  nil,
	"tmail/bench":            {"tmail/store", "tmail/transport", "tmail/transport/imap", "tmail/account", "tmail/mailtest/dovecot"},
}

// Imports point one way. mailtest may be imported by tests only, its dovecot by the
// benchmarks too.
func TestImportsPointOneWay(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		room := "tmail"
		if dir := filepath.ToSlash(filepath.Dir(path)); dir != "." {
			room += "/" + dir
		}
		allowed, known := mayImport[room]
		if !known {
			t.Errorf("%s: room %s is not in the plan of the house; add it to mayImport", path, room)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			ours := imported == "tmail" || strings.HasPrefix(imported, "tmail/")
			if ours && !slices.Contains(allowed, imported) {
				t.Errorf("%s: %s must not import %s", path, room, imported)
			}
			seen++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Fatal("no imports were looked at")
	}
}

// What reads and lays out mail can reach neither the network nor the disk nor another program: it has nothing to do it
// with.
func TestRenderingReachesNothing(t *testing.T) {
	outside := []string{"net", "net/http", "crypto/tls", "os", "os/exec", "syscall", "plugin", "unsafe"}
	for dir, forbidden := range map[string][]string{"message": outside, "message/safe": outside} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, files, err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range file.Imports {
				if imported, _ := strconv.Unquote(spec.Path.Value); slices.Contains(forbidden, imported) {
					t.Errorf("%s imports %s", path, imported)
				}
			}
		}
	}
}
