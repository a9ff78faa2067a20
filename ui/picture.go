package ui

import (
	"context"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// Pictures drawn with coloured half blocks, where the terminal can do no better: every cell is two points, one above
// the other. See kitty.go and sixel.go for those that can.

const (
	maxPictureBytes  = 32 << 20
	maxPicturePixels = 40 << 20
	maxPictures      = 8
	pictureColumns   = 64 // the widest a picture is drawn
	sixelWidth       = 1600
)

// pictureMeans is how a terminal draws pictures.
type pictureMeans int

const (
	halfBlocks pictureMeans = iota
	kittyGraphics
	sixelGraphics
)

// picture is an attachment as points, small enough to be drawn.
type picture struct {
	name   string
	pixels *image.RGBA // pictureColumns wide at most, for sixel graphics sixelWidth
	kitty  *kittyPicture
}

type picturesRead struct {
	gen      int
	means    pictureMeans
	pictures []picture
}

func (p picturesRead) apply(m *model) tea.Cmd {
	if p.gen != m.reader.gen {
		return nil
	}
	if len(p.pictures) == 0 {
		m.say(lang.T("picture.none"))
		return nil
	}
	if p.means == sixelGraphics {
		g := &gallery{pictures: p.pictures}
		m.open(g)
		return g.show()
	}
	m.reader.pictures = p.pictures
	m.layOut()
	if m.reader.isConversation() {
		m.reader.pager.show(position{line: m.reader.first + m.reader.chunks - 1 - len(p.pictures)}, "")
	} else {
		m.reader.pager.toEnd()
	}
	var send strings.Builder
	for _, p := range p.pictures {
		if p.kitty != nil {
			send.WriteString(p.kitty.send())
		}
	}
	if send.Len() == 0 {
		return nil
	}
	return tea.Raw(send.String())
}

// togglePictures draws the pictures attached to the message below it, or takes them away.
func (m *model) togglePictures() tea.Cmd {
	r := &m.reader
	if r.content == nil {
		return nil
	}
	if r.pictures != nil {
		r.pictures = nil
		m.layOut()
		return nil
	}
	if m.look.accent == plain {
		m.say(lang.T("picture.no_colour"))
		return nil
	}
	ctx, st, c, gen, means := m.ctx, m.Store, r.content, r.gen, m.pictureMeans()
	return func() tea.Msg {
		var found []picture
		for _, p := range c.msg.Attachments {
			if len(found) < maxPictures && (strings.HasPrefix(p.Type, "image/") || strings.HasPrefix(p.Content, "image/")) {
				if full, err := readPicture(ctx, st, c, p); err == nil { // what is no picture is not drawn
					found = append(found, newPicture(len(found)+1, partName(p), full, means))
				}
			}
		}
		return picturesRead{gen, means, found}
	}
}

// pictureMeans is the best the terminal has said it can.
func (m *model) pictureMeans() pictureMeans {
	switch {
	case m.kitty && !safe.AmbiguousWide():
		return kittyGraphics
	case m.sixel:
		return sixelGraphics
	}
	return halfBlocks
}

func newPicture(id int, name string, full image.Image, means pictureMeans) picture {
	if means == sixelGraphics {
		return picture{name: name, pixels: shrink(full, sixelWidth)}
	}
	p := picture{name: name, pixels: shrink(full, pictureColumns)}
	if means == kittyGraphics {
		if k, err := newKittyPicture(id, full); err == nil { // else half blocks do
			p.kitty = k
		}
	}
	return p
}

func readPicture(ctx context.Context, st *store.Store, c *content, p message.Part) (image.Image, error) {
	r, err := rawPart(ctx, st, c.id, c.within(p.ID))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, maxPictureBytes))
	if err != nil {
		return nil, err
	}
	return decodePicture(raw)
}

// decodePicture reads a picture, unless it claims to be larger than a screen could use.
func decodePicture(raw []byte) (image.Image, error) {
	size, _, err := image.DecodeConfig(strings.NewReader(string(raw)))
	if err != nil {
		return nil, err
	}
	if size.Width <= 0 || size.Height <= 0 || size.Width > maxPicturePixels/size.Height {
		return nil, fmt.Errorf("a picture of %d × %d points is too large", size.Width, size.Height)
	}
	full, _, err := image.Decode(strings.NewReader(string(raw)))
	return full, err
}

// shrink makes a picture at most width points wide, each the mean of those it stands for.
func shrink(full image.Image, width int) *image.RGBA {
	from := full.Bounds()
	width = min(width, from.Dx())
	height := max(1, from.Dy()*width/from.Dx())
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			left, right := from.Min.X+x*from.Dx()/width, from.Min.X+(x+1)*from.Dx()/width
			top, bottom := from.Min.Y+y*from.Dy()/height, from.Min.Y+(y+1)*from.Dy()/height
			var r, g, b, n uint64
			for py := top; py < max(bottom, top+1); py += 1 + (bottom-top)/8 {
				for px := left; px < max(right, left+1); px += 1 + (right-left)/8 {
					pr, pg, pb, _ := full.At(px, py).RGBA()
					r, g, b, n = r+uint64(pr), g+uint64(pg), b+uint64(pb), n+1
				}
			}
			i := small.PixOffset(x, y)
			small.Pix[i], small.Pix[i+1], small.Pix[i+2], small.Pix[i+3] = byte(r/n>>8), byte(g/n>>8), byte(b/n>>8), 255
		}
	}
	return small
}

func (m *model) pictureChunk(p picture) chunk {
	look := m.look
	return chunk{weight: p.pixels.Rect.Dy() * 32, wrap: func(width int) []pageLine {
		pixels := p.pixels
		if room := width - 4; room > 0 && pixels.Rect.Dx() > room {
			pixels = shrink(pixels, room)
		}
		rows := []string{look.row(width).String(), look.row(width).to(2).put(look.dim, safe.Line(p.name)).String()}
		if k := p.kitty; k != nil && width >= k.columns+4 {
			for y := range k.rows {
				rows = append(rows, k.row(look.row(width).to(2), y))
			}
			return pageLines(rows)
		}
		for y := 0; y < pixels.Rect.Dy(); y += 2 {
			line := look.row(width).to(2)
			for x := range min(pixels.Rect.Dx(), max(0, width-4)) {
				line.put(halfBlock(pixels, x, y), look.glyphs.half)
			}
			rows = append(rows, line.String())
		}
		return pageLines(rows)
	}}
}

// halfBlock colours the upper half of a cell as the point at y, the lower one as the point below.
func halfBlock(pixels *image.RGBA, x, y int) style {
	above, below := pixels.RGBAAt(x, y), pixels.RGBAAt(x, min(y+1, pixels.Rect.Dy()-1))
	return style(fmt.Sprintf("\x1b[38;2;%d;%d;%d;48;2;%d;%d;%dm", above.R, above.G, above.B, below.R, below.G, below.B))
}
