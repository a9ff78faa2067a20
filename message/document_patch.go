package message

import (
	"strconv"
	"strings"
)

// patch follows a unified diff through the lines of a text. The hunk headers
// say how many lines belong to them, so that text before, between and after is
// never taken for a change.
type patch struct {
	headers  bool // between a diff or --- line and the first hunk
	old, new int  // lines of the hunk still to come
	zero     bool // the counters have just reached the end of a hunk
}

// inHunk reports whether the line last seen belongs to a hunk.
func (p *patch) inHunk() bool { return p.old > 0 || p.new > 0 || p.zero }

// kind tells what the next line is; Para for what is no change, which within a
// hunk is context.
func (p *patch) kind(line string) Kind {
	p.zero = false
	if p.old > 0 || p.new > 0 {
		return p.hunkLine(line)
	}
	switch {
	case strings.HasPrefix(line, "@@ -"):
		if p.startHunk(line) {
			p.headers = false
			return DiffHunk
		}
	case strings.HasPrefix(line, "diff --"), strings.HasPrefix(line, "Index: "), strings.HasPrefix(line, "--- a/"), strings.HasPrefix(line, "--- /dev/null"):
		p.headers = true
		return DiffHeader
	case p.headers && line != "":
		for _, h := range patchHeaders {
			if strings.HasPrefix(line, h) {
				return DiffHeader
			}
		}
	}
	p.headers = false
	return Para
}

var patchHeaders = []string{
	"--- ", "+++ ", "index ", "old mode ", "new mode ", "new file mode ", "deleted file mode ", "similarity index ",
	"dissimilarity index ", "rename from ", "rename to ", "copy from ", "copy to ", "Binary files ", "GIT binary patch", "====",
}

func (p *patch) hunkLine(line string) Kind {
	kind := Para
	switch {
	case strings.HasPrefix(line, "+"):
		p.new--
		kind = DiffAdd
	case strings.HasPrefix(line, "-"):
		p.old--
		kind = DiffDel
	case strings.HasPrefix(line, `\`):
	case line == "" || line[0] == ' ':
		p.old--
		p.new--
	default: // broken off
		*p = patch{}
		return p.kind(line)
	}
	p.old, p.new = max(p.old, 0), max(p.new, 0)
	p.zero = p.old == 0 && p.new == 0
	return kind
}

// startHunk reads "@@ -12,5 +12,7 @@ function".
func (p *patch) startHunk(line string) bool {
	ranges, _, ok := strings.Cut(line[len("@@ -"):], " @@")
	from, to, both := strings.Cut(ranges, " +")
	if !ok || !both {
		return false
	}
	old, okOld := hunkCount(from)
	new, okNew := hunkCount(to)
	if !okOld || !okNew {
		return false
	}
	p.old, p.new = old, new
	return true
}

// hunkCount reads the length from "12,5"; "12" is one line.
func hunkCount(s string) (int, bool) {
	start, count, has := strings.Cut(s, ",")
	if _, err := strconv.ParseUint(start, 10, 31); err != nil {
		return 0, false
	}
	if !has {
		return 1, true
	}
	n, err := strconv.ParseUint(count, 10, 31)
	return int(n), err == nil
}

// isPatch reports whether a text holds a unified diff.
func isPatch(text string) bool {
	var p patch
	for line := range strings.Lines(text) {
		if p.kind(strings.TrimRight(line, "\r\n")) == DiffHunk {
			return true
		}
	}
	return false
}
