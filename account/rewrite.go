package account

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// roleOrder is the order roles are written in.
var roleOrder = []Role{RoleArchive, RoleDrafts, RoleJunk, RoleSent, RoleTrash}

// SetRole writes into the configuration file that a mailbox of an account has
// a role, in the place of the one that had it; the role "" takes all roles off
// the mailbox. All else in the file stays as it is, comments included. A file
// that would not say so afterwards is left alone.
func SetRole(path, name string, role Role, mailbox string) error {
	before, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	if _, err := read(path, before, 0o600); err != nil {
		return err
	}
	root, err := parse(bytes.TrimPrefix(before, []byte("\xef\xbb\xbf")))
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	t := accountNamed(root, name)
	if t == nil {
		return fmt.Errorf("write configuration: %s has no account %q", path, name)
	}
	wanted := rolesOf(t)
	maps.DeleteFunc(wanted, func(_ Role, of string) bool { return of == mailbox })
	if role != "" {
		wanted[role] = mailbox
	}
	after := (&rewriting{lines: bytes.SplitAfter(before, []byte("\n")), end: lineEnd(before)}).setRoles(t, wanted)
	c, err := read(path, after, 0o600)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.Accounts, func(a Account) bool { return a.Name == name })
	if i < 0 || !maps.Equal(c.Accounts[i].Roles, wanted) {
		return fmt.Errorf("write configuration: the roles of %q do not fit into %s; write roles = %s there", name, path, inlineRoles(wanted))
	}
	return writeFile(path, after)
}

func accountNamed(root *table, name string) *table {
	e := root.entries["account"]
	if e == nil {
		return nil
	}
	list, _ := e.value.([]*entry)
	for _, one := range list {
		if t, ok := one.value.(*table); ok && t.entries["name"] != nil && t.entries["name"].value == name {
			return t
		}
	}
	return nil
}

// rolesOf are the roles as the file has them now.
func rolesOf(account *table) map[Role]string {
	roles := map[Role]string{}
	if e := account.entries["roles"]; e != nil {
		if t, ok := e.value.(*table); ok {
			for key, one := range t.entries {
				if mailbox, ok := one.value.(string); ok {
					roles[Role(key)] = mailbox
				}
			}
		}
	}
	return roles
}

func inlineRoles(roles map[Role]string) string {
	var list []string
	for _, r := range roleOrder {
		if mailbox, ok := roles[r]; ok {
			list = append(list, string(r)+" = "+quote(mailbox))
		}
	}
	return "{ " + strings.Join(list, ", ") + " }"
}

// rewriting is a configuration file being changed line by line.
type rewriting struct {
	lines [][]byte
	end   string // of a line
}

// setRoles returns the file with these roles in an account: written as one
// table on a line of its own, unless it has them in a section or by dotted keys.
func (r *rewriting) setRoles(account *table, wanted map[Role]string) []byte {
	e := account.entries["roles"]
	name := account.entries["name"].place.line
	if e == nil {
		r.insert(name, "roles = "+inlineRoles(wanted))
		return bytes.Join(r.lines, nil)
	}
	roles, _ := e.value.(*table)
	switch line := r.lines[e.place.line-1]; {
	case roles == nil:
	case bytes.HasPrefix(bytes.TrimSpace(line), []byte("[")):
		r.setEach(roles, wanted, roles.place.line, "")
	case bytes.Contains(beforeValue(line), []byte(".")):
		r.setEach(roles, wanted, name, "roles.")
	case len(wanted) == 0:
		r.lines[e.place.line-1] = nil
	default:
		r.replace(e.place.line, inlineRoles(wanted))
	}
	return bytes.Join(r.lines, nil)
}

// setEach sets roles that stand on lines of their own; new ones come behind the line after.
func (r *rewriting) setEach(roles *table, wanted map[Role]string, after int, prefix string) {
	for _, role := range slices.Backward(roleOrder) {
		e, mailbox := roles.entries[string(role)], wanted[role]
		switch {
		case e == nil && mailbox != "":
			r.insert(after, prefix+string(role)+" = "+quote(mailbox))
		case e != nil && mailbox == "":
			r.lines[e.place.line-1] = nil
		case e != nil && mailbox != e.value:
			r.replace(e.place.line, quote(mailbox))
		}
	}
}

// insert writes a line behind the one of that number; the numbers of the others stay.
func (r *rewriting) insert(behind int, text string) {
	line := r.lines[behind-1]
	if !bytes.HasSuffix(line, []byte("\n")) {
		line = append(slices.Clip(line), r.end...)
	}
	r.lines[behind-1] = append(slices.Clip(line), text+r.end...)
}

// replace writes another value into a line; what stands behind it stays.
func (r *rewriting) replace(number int, value string) {
	line := r.lines[number-1]
	start := len(beforeValue(line))
	rest := line[start:]
	r.lines[number-1] = slices.Concat(line[:start], []byte(value), rest[valueLength(rest):])
}

// beforeValue is the key of a line, its equals sign and the blanks behind it.
func beforeValue(line []byte) []byte {
	i := bytes.IndexByte(line, '=') + 1
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	return line[:i]
}

// valueLength is how far the string or inline table reaches that line begins with, in bytes.
func valueLength(line []byte) int {
	depth, quoted := 0, byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted != 0 && c == '\\' && quoted == '"':
			i++
			continue
		case quoted != 0 && c == quoted:
			quoted = 0
		case quoted != 0:
			continue
		case c == '"' || c == '\'':
			quoted = c
		case c == '{':
			depth++
		case c == '}':
			depth--
		case c == '\n':
			return i
		}
		if depth == 0 && quoted == 0 {
			return i + 1
		}
	}
	return len(line)
}
