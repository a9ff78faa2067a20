package ui

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	uv "github.com/charmbracelet/ultraviolet"

	"tmail/store"
)

var sixelCommand = regexp.MustCompile(`#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|\$|-`)

// unsixel reads a picture back as a terminal would.
func unsixel(t *testing.T, command string) *image.RGBA {
	t.Helper()
	body, ok := strings.CutPrefix(command, "\x1bP0;1;0q\"1;1;")
	body, ends := strings.CutSuffix(body, "\x1b\\")
	if !ok || !ends || strings.ContainsFunc(body, func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Fatalf("no sixel command: %.60q", command)
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	size := regexp.MustCompile(`^(\d+);(\d+)`).FindStringSubmatch(body)
	pixels := image.NewRGBA(image.Rect(0, 0, number(size[1]), number(size[2])))
	palette := map[int]color.RGBA{}
	colour, x, y := 0, 0, 0
	for _, c := range sixelCommand.FindAllStringSubmatch(body[len(size[0]):], -1) {
		repeat, sign := 1, c[7]
		switch {
		case c[2] != "":
			level := func(s string) uint8 { return uint8(number(s) * 255 / 100) }
			palette[number(c[1])] = color.RGBA{level(c[2]), level(c[3]), level(c[4]), 255}
		case c[1] != "":
			colour = number(c[1])
		case c[0] == "$":
			x = 0
		case c[0] == "-":
			x, y = 0, y+sixelBand
		case c[5] != "":
			repeat, sign = number(c[5]), c[6]
		}
		for ; sign != "" && repeat > 0; repeat-- {
			for bit := range sixelBand {
				if (sign[0]-'?')>>bit&1 == 1 {
					pixels.SetRGBA(x, y+bit, palette[colour])
				}
			}
			x++
		}
	}
	return pixels
}

func TestSixel(t *testing.T) {
	full := image.NewRGBA(image.Rect(0, 0, 97, 43)) // no whole number of bands
	for y := range 43 {
		for x := range 97 {
			full.SetRGBA(x, y, color.RGBA{uint8(x * 255 / 96), uint8(y * 255 / 42), uint8(x * y % 256), 255})
		}
	}
	got := unsixel(t, sixel(full))
	if got.Rect != full.Rect {
		t.Fatalf("%v, not %v", got.Rect, full.Rect)
	}
	for y := range 43 {
		for x := range 97 {
			if got.RGBAAt(x, y).A == 0 {
				t.Fatalf("nothing was drawn at %d,%d", x, y)
			}
		}
	}
	// From afar the colours are those of the picture.
	few, want := shrink(got, 6), shrink(full, 6)
	for i, v := range want.Pix {
		if off := int(few.Pix[i]) - int(v); off > 16 || off < -16 {
			t.Errorf("byte %d of the shrunken picture is %d, not %d", i, few.Pix[i], v)
		}
	}
}

// pictured is the sample with a message that has two pictures.
func pictured(t testing.TB, st *store.Store) {
	sample(t, st)
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, image.NewRGBA(image.Rect(0, 0, 200, 100))); err != nil {
		t.Fatal(err)
	}
	part := func(name string) string {
		return "--b\nContent-Type: image/png; name=" + name + "\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(encoded.Bytes()) + "\n"
	}
	deliverFirst(t, st, letter{from: "Ann <ann@example.com>", to: "me@example.com", subject: "Our holiday", ago: time.Minute,
		extra: "Content-Type: multipart/mixed; boundary=b\r\n", body: "--b\n\nLook.\n" + part("beach.png") + part("hill.png") + "--b--\n"})
}

func TestGallery(t *testing.T) {
	s := start(t, 80, 24, pictured)
	s.Shows("Our holiday").Idle().Press("enter").Shows("beach.png")
	s.feed(uv.CellSizeEvent{Width: 8, Height: 16})
	s.feed(uv.PrimaryDeviceAttributesEvent{62, 4, 22})
	s.Press("i").Shows("beach.png  1/2").Shows("next picture")
	s.Press("n").Shows("hill.png  2/2").Press("n").Shows("hill.png  2/2")
	s.Press("esc").Shows("[a] beach.png").Hides("2/2")
	s.feed(uv.PrimaryDeviceAttributesEvent{62, 22})
	s.Press("i").Shows("▀")
}

func BenchmarkSixel(b *testing.B) {
	full := image.NewRGBA(image.Rect(0, 0, 1200, 700))
	for i := range full.Pix {
		full.Pix[i] = byte(i*7919 + i/613)
	}
	for b.Loop() {
		sixel(full)
	}
}
