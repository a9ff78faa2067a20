package ui

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"strings"

	"tmail/message/safe"
)

// Pictures in terminals with kitty's graphics protocol. A picture is sent once, and shown wherever its placeholder
// characters stand: these are text, and move and go with the rest of the screen.

const (
	kittyPixels      = 10 * pictureColumns // the widest a picture is sent
	kittyChunk       = 4096                // bytes of one command
	kittyPlaceholder = "\U0010EEEE"
)

// kittyMarks are the combining characters that number rows and columns, in their order.
var kittyMarks = []rune("\u0305\u030d\u030e\u0310\u0312\u033d\u033e\u033f\u0346\u034a\u034b\u034c\u0350\u0351\u0352\u0357" +
	"\u035b\u0363\u0364\u0365\u0366\u0367\u0368\u0369\u036a\u036b\u036c\u036d\u036e\u036f\u0483\u0484" +
	"\u0485\u0486\u0487\u0592\u0593\u0594\u0595\u0597\u0598\u0599\u059c\u059d\u059e\u059f\u05a0\u05a1" +
	"\u05a8\u05a9\u05ab\u05ac\u05af\u05c4\u0610\u0611\u0612\u0613\u0614\u0615\u0616\u0617\u0657\u0658")

// kittyQuery asks whether the terminal draws pictures by this protocol, one of a single point that is not shown.
const kittyQuery = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"

// mayHaveKittyGraphics reports a terminal known to draw placeholders, which is worth the question: others may draw
// pictures by the protocol but not these, or show the question. Within tmux it would not get through.
func mayHaveKittyGraphics(getenv func(string) string) bool {
	if getenv("TMUX") != "" || getenv("STY") != "" {
		return false
	}
	return getenv("KITTY_WINDOW_ID") != "" || getenv("TERM") == "xterm-kitty" || getenv("TERM") == "xterm-ghostty"
}

// kittyPicture is a picture as it is sent, and the cells it takes.
type kittyPicture struct {
	id, columns, rows int
	png               []byte
}

// newKittyPicture writes the points of a picture anew: no byte of the sender's file goes to the terminal.
func newKittyPicture(id int, full image.Image) (*kittyPicture, error) {
	small := shrink(full, kittyPixels)
	size := small.Bounds().Size()
	k := &kittyPicture{id: id, columns: min(pictureColumns, max(1, size.X/10))}
	k.rows = max(1, k.columns*size.Y/(2*size.X)) // a cell is about twice as high as wide
	if most := len(kittyMarks); k.rows > most {
		k.columns, k.rows = max(1, k.columns*most/k.rows), most
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, small); err != nil {
		return nil, err
	}
	k.png = encoded.Bytes()
	return k, nil
}

// send is the commands that give the picture to the terminal, which does not answer.
func (k *kittyPicture) send() string {
	var b strings.Builder
	data := base64.StdEncoding.EncodeToString(k.png)
	head := fmt.Sprintf("a=T,U=1,q=2,f=100,i=%d,c=%d,r=%d,", k.id, k.columns, k.rows)
	for len(data) > 0 {
		chunk := data[:min(len(data), kittyChunk)]
		data = data[len(chunk):]
		more := 0
		if data != "" {
			more = 1
		}
		fmt.Fprintf(&b, "\x1b_G%sm=%d;%s\x1b\\", head, more, chunk)
		head = ""
	}
	return b.String()
}

// row is the placeholders of one row. Their colour is the number of the picture.
func (k *kittyPicture) row(line *row, y int) string {
	for x := range k.columns {
		line.put(style(fmt.Sprintf("\x1b[38;5;%dm", k.id)), safe.Text(kittyPlaceholder+string(kittyMarks[y])+string(kittyMarks[x])))
	}
	return line.String()
}
