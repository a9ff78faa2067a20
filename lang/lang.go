// Package lang holds the words people read, in English and Simplified Chinese.
//
// Everything tmail says is an id here and a phrase per language in en.toml and zh.toml. The room
// knows no other room: what it turns into a sentence arrives as plain strings.
package lang

import (
	"embed"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

//go:embed en.toml zh.toml
var files embed.FS

// words are the phrases of each language, read when first wanted; they are part of the program, so a broken catalog is a
// bug the tests find.
var words = map[string]func() *i18n.Localizer{
	"en": sync.OnceValue(func() *i18n.Localizer { return read(language.English) }),
	"zh": sync.OnceValue(func() *i18n.Localizer { return read(language.Chinese) }),
}

func read(tag language.Tag) *i18n.Localizer {
	b := i18n.NewBundle(tag)
	b.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	if _, err := b.LoadMessageFileFS(files, tag.String()+".toml"); err != nil {
		panic(fmt.Sprintf("catalog of %s: %v", tag, err))
	}
	return i18n.NewLocalizer(b, tag.String())
}

// catalog is one language, with its phrases without values kept ready: the screen asks for them many times a frame.
type catalog struct {
	name  string
	words func() *i18n.Localizer
	plain sync.Map
}

var current atomic.Pointer[catalog]

// Use chooses the language: "en", "zh", or "auto" (by LC_ALL, LC_MESSAGES and LANG; English when they name neither). Its
// phrases are read in the background: a program that starts has other things to do before it says something.
func Use(name string) {
	if name == "" || name == "auto" {
		name = fromEnvironment(os.Getenv)
	}
	if words[name] == nil {
		name = "en"
	}
	c := &catalog{name: name, words: words[name]}
	current.Store(c)
	go c.words()
}

// Current is the language in use, "en" or "zh".
func Current() string {
	if c := current.Load(); c != nil {
		return c.name
	}
	return fromEnvironment(os.Getenv)
}

// fromEnvironment follows POSIX: the first of the three that is set decides, also when it says C.
func fromEnvironment(get func(string) string) string {
	for _, key := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := get(key)
		if value == "" {
			continue
		}
		if strings.HasPrefix(value, "zh") {
			return "zh"
		}
		break
	}
	return "en"
}

// T is the phrase id in the chosen language. kv are pairs of a name and a value for the phrase's {{.Name}}; the
// name "Count" also selects the plural form. An unknown id is returned as it is.
func T(id string, kv ...any) string {
	c := current.Load()
	if c == nil {
		Use("auto")
		c = current.Load()
	}
	if len(kv) > 0 {
		return c.phrase(id, kv)
	}
	if s, ok := c.plain.Load(id); ok {
		return s.(string)
	}
	s := c.phrase(id, nil)
	c.plain.Store(id, s)
	return s
}

func (c *catalog) phrase(id string, kv []any) string {
	ask := &i18n.LocalizeConfig{MessageID: id}
	values := make(map[string]any, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		name := fmt.Sprint(kv[i])
		values[name] = kv[i+1]
		if name == "Count" {
			ask.PluralCount = kv[i+1]
			values[name] = Number(kv[i+1])
		}
	}
	ask.TemplateData = values
	s, err := c.words().Localize(ask)
	if s == "" && err != nil {
		return id
	}
	return s
}

// Number writes n with a comma between thousands, as both languages do.
func Number(n any) string {
	digits := fmt.Sprint(n)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
