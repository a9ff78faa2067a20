package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// hardMessages are messages that are made to be too much, or just are: each must be answered within a second, and the
// attachment saved in 100 MB.
var hardMessages = []struct {
	what  string
	write func(io.Writer)
	save  bool
}{
	{"show a newsletter of 100 KB", func(w io.Writer) { writePage(w, 100<<10) }, false},
	{"show 10 MB of HTML, all of it", func(w io.Writer) { writePage(w, 10<<20) }, false},
	{"show parts 10,000 deep", func(w io.Writer) {
		for i := range 10_000 {
			fmt.Fprintf(w, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		fmt.Fprint(w, "\ntext")
	}, false},
	{"show a million header lines", func(w io.Writer) { repeat(w, "X: y\n", 1_000_000); fmt.Fprint(w, "\ntext") }, false},
	{"show a line of 100 MB", func(w io.Writer) { fmt.Fprint(w, "Subject: x\n\n"); repeat(w, "0123456789", 10_000_000) }, false},
	{"save an attachment of 100 MB", func(w io.Writer) {
		fmt.Fprint(w, "Content-Type: application/pdf; name=large.pdf\nContent-Transfer-Encoding: base64\n\n")
		repeat(w, strings.Repeat("QUJD", 19)+"\n", 1_840_000)
	}, true},
}

func repeat(w io.Writer, s string, n int) {
	for range n {
		io.WriteString(w, s) // the writer keeps its error
	}
}

func writePage(w io.Writer, size int) {
	const paragraph = `<tr><td style="padding:8px"><h2>Autumn</h2><p>Here is the <b>sheet</b> we talked about, 会议纪要, and <a href="https://x.example/1">more</a>.</p></td></tr>` + "\n"
	fmt.Fprint(w, "Content-Type: text/html; charset=utf-8\n\n<table>")
	repeat(w, paragraph, size/len(paragraph))
	fmt.Fprint(w, "</table>")
}

// messages measures showing and saving by the command line, from the start of the program to its end.
func (b *bench) messages(t *table) error {
	say("messages that are hard")
	path, to := filepath.Join(b.dir, "hard.eml"), filepath.Join(b.dir, "saved")
	for _, m := range hardMessages {
		if err := writeFile(path, m.write); err != nil {
			return err
		}
		args := []string{"show", path}
		if m.save {
			if err := os.Mkdir(to, 0o700); err != nil {
				return err
			}
			args = []string{"show", "--save", to, path}
		}
		took, err := toEnd(exec.Command(b.tmail, args...))
		if err != nil {
			return err
		}
		t.row(m.what, seconds(took.took), "", "", megabytes(took.peak))
	}
	return nil
}

func writeFile(path string, write func(io.Writer)) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	write(w)
	return w.Flush()
}
