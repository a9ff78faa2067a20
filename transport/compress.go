package transport

import (
	"bytes"
	"compress/flate"
	"io"
	"net"
)

// Compress makes both directions go through DEFLATE (RFC 4978) from here on: call it in the goroutine that reads, when
// the server has agreed and before anything more is written. pending is what was read beyond the agreement.
func (c *Conn) Compress(pending []byte) {
	ahead, _ := c.lines.Peek(c.lines.Buffered())
	ahead = append(bytes.Clone(pending), ahead...)
	w, _ := flate.NewWriter(c.layer, flate.DefaultCompression) // fails for an unknown level only
	c.layer = &deflated{c.layer, flate.NewReader(io.MultiReader(bytes.NewReader(ahead), c.layer)), w}
	c.lines.Reset(layerReader{c})
}

// deflated is a layer of compression over another layer.
type deflated struct {
	net.Conn
	r io.Reader
	w *flate.Writer
}

func (d *deflated) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err == io.ErrUnexpectedEOF { // no server ends the compressed stream before it hangs up
		err = io.EOF
	}
	return n, err
}

// Write sends p whole: the server waits for it.
func (d *deflated) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	if err == nil {
		err = d.w.Flush()
	}
	return n, err
}
