package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tmail/message"
	"tmail/message/safe"
)

// maxSameName is how many files of one name get a number before saving gives
// up.
const maxSameName = 1000

// saveAttachments writes the attachments of a message into dir and prints
// where. It replaces no file, follows no link and does not leave dir.
func (p *program) saveAttachments(src source, m *message.Message, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, part := range m.Attachments {
		name, err := savePart(src, root, part)
		if err != nil {
			return failed("cli.not_saved", "Name", strconv.Quote(part.Name), "What", err)
		}
		fmt.Fprintln(p.stdout, safe.Line(filepath.Join(dir, name)))
	}
	return nil
}

// savePart writes one attachment and returns the name it got. What cannot be
// written whole is removed.
func savePart(src source, root *os.Root, part message.Part) (name string, err error) {
	body, err := src.open()
	if err != nil {
		return "", err
	}
	defer body.Close()
	f, name, err := createNew(root, safe.FileName(part.Name))
	if err != nil {
		return "", err
	}
	out := bufio.NewWriterSize(f, 64<<10)
	err = message.CopyPart(out, body, part.ID)
	if err = errors.Join(err, out.Flush(), f.Close()); err != nil {
		return "", errors.Join(err, root.Remove(name))
	}
	return name, nil
}

// createNew creates a file that was not there, with a number behind its name
// when that is taken.
func createNew(root *os.Root, wanted string) (*os.File, string, error) {
	extension := filepath.Ext(wanted)
	stem := strings.TrimSuffix(wanted, extension)
	name := wanted
	for n := 2; ; n++ {
		f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if !errors.Is(err, fs.ErrExist) || n > maxSameName {
			return f, name, err
		}
		name = fmt.Sprintf("%s (%d)%s", stem, n, extension)
	}
}
