package transport

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"tmail/account"
)

// maxLine bounds a line read by ReadLine, in bytes.
const maxLine = 8 << 10

// Conn is a connection to a mail server. One goroutine may read while another writes; Close, Guard and SetSilence
// may be called from anywhere. Every write has a deadline, and so has every read (see SetSilence). The first failure
// ends the connection: Err tells it.
type Conn struct {
	endpoint  account.Endpoint
	tlsConfig *tls.Config
	wire      *wire
	layer     net.Conn // wire, or TLS over it
	encrypted bool
	lines     *bufio.Reader // over layer and trace
	trace     *trace        // nil: none
	secrets   []string      // not to be repeated
	shown     string        // the secret of the sign-in; "": none was wanted yet
	reached   func(*tls.ConnectionState)
	greeted   func(line string) // nil once it was told
	greeting  []byte            // as far as it has come

	mu  sync.Mutex
	err error // why the connection ended
}

func newConn(raw net.Conn, ep account.Endpoint, config *tls.Config, timeout time.Duration, d *Dialer) *Conn {
	w := &wire{Conn: raw, timeout: timeout, silence: timeout, meter: d.Meter}
	w.writeLimit.Store(int64(timeout))
	c := &Conn{endpoint: ep, tlsConfig: config, wire: w, layer: w, reached: d.Reached, greeted: d.Greeted}
	if c.reached == nil {
		c.reached = func(*tls.ConnectionState) {}
	}
	c.lines = bufio.NewReaderSize(layerReader{c}, maxLine)
	if d.Trace != nil {
		c.trace = newTrace(d.Trace, d.Now, ep.Addr())
	}
	return c
}

func (c *Conn) switchTo(secure net.Conn) {
	c.layer, c.encrypted = secure, true
	c.lines.Reset(layerReader{c})
}

// layerReader reads what the server says in plain, and notes why it stops.
type layerReader struct{ *Conn }

func (l layerReader) Read(p []byte) (int, error) {
	n, err := l.layer.Read(p)
	l.trace.received(p[:n])
	l.greet(p[:n])
	if err != nil {
		err = l.Fail(err)
	}
	return n, err
}

// greet tells the first line of the connection to who wants to know.
func (c *Conn) greet(p []byte) {
	if c.greeted == nil {
		return
	}
	c.greeting = append(c.greeting, p...)
	if line, _, whole := bytes.Cut(c.greeting, []byte("\n")); whole || len(line) > maxLine {
		c.greeted(string(line))
		c.greeted, c.greeting = nil, nil
	}
}

// Read implements net.Conn. An error that is no io.EOF is final and says what happened.
func (c *Conn) Read(p []byte) (int, error) { return c.lines.Read(p) }

// ReadLine reads one line of at most 8 KB and returns it without CRLF (or LF).
func (c *Conn) ReadLine() (string, error) {
	line, err := c.lines.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", c.Fail(&Error{Kind: KindProtocol, Err: fmt.Errorf("the server sent a line of more than %d bytes", maxLine)})
	}
	if err != nil {
		if err == io.EOF && len(line) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return "", err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return string(line), nil
}

// Write implements net.Conn.
func (c *Conn) Write(p []byte) (int, error) {
	c.trace.sent(p)
	n, err := c.layer.Write(p)
	if err != nil {
		err = c.Fail(timedOut("the server took nothing", err, time.Duration(c.wire.writeLimit.Load())))
	}
	return n, err
}

// StartTLS makes the connection private: call it after the server's agreement to STARTTLS or STLS was read by
// ReadLine. Anything the server said after its agreement could have been put in by somebody in between: then it fails
// (CodeInjected). What was learnt before it must be forgotten by the caller.
func (c *Conn) StartTLS(ctx context.Context) error {
	if c.lines.Buffered() > 0 {
		return c.Fail(&Error{Kind: KindTLS, Op: "start TLS", Code: CodeInjected,
			Err: errors.New("plain text came after the server's agreement to start TLS")})
	}
	if err := c.handshake(ctx); err != nil {
		c.Close()
		return Wrap("start TLS with "+c.endpoint.Addr(), err)
	}
	return nil
}

// Guard lets ctx end the connection until release is called: reads and writes then fail with the context's error.
func (c *Conn) Guard(ctx context.Context) (release func()) {
	if err := ctx.Err(); err != nil {
		c.Fail(err) // AfterFunc would let what comes next run ahead of it
		return func() {}
	}
	stop := context.AfterFunc(ctx, func() { c.Fail(ctx.Err()) })
	return func() { stop() }
}

// Timeout is how long the server may be silent while it owes an answer: what SetSilence is to be given then.
func (c *Conn) Timeout() time.Duration { return c.wire.timeout }

// SetWriteLimit sets how long the server may take to accept each 32 KB from now on. A new connection has Timeout.
func (c *Conn) SetWriteLimit(limit time.Duration) { c.wire.writeLimit.Store(int64(limit)) }

// SetSilence sets how long the server may say nothing while we read (and we write nothing), from now on and also for
// a Read that waits already. 0 means for ever: for a server that owes us nothing. A new connection has Timeout.
func (c *Conn) SetSilence(limit time.Duration) { c.wire.setSilence(limit) }

// Err says why the connection ended, nil while it stands.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Fail ends the connection because of err and returns the first cause of its end, which Err tells from then on. A
// plain io.EOF stays io.EOF for the sake of readers above.
func (c *Conn) Fail(err error) error {
	err = timedOut(silent, err, c.wire.limit())
	c.mu.Lock()
	if c.err == nil {
		c.err = err
		c.wire.Close()
		c.trace.closed(err)
	}
	err = c.err
	c.mu.Unlock()
	return err
}

// Close implements net.Conn; it never waits for the server and may be called more than once.
func (c *Conn) Close() error {
	c.Fail(net.ErrClosed)
	return nil
}

func (c *Conn) LocalAddr() net.Addr  { return c.wire.LocalAddr() }
func (c *Conn) RemoteAddr() net.Addr { return c.wire.RemoteAddr() }

// The deadlines of net.Conn do nothing: the connection keeps its own, whatever a library above it wants.

func (c *Conn) SetDeadline(time.Time) error      { return nil }
func (c *Conn) SetReadDeadline(time.Time) error  { return nil }
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// wire is the connection below TLS: it counts, and sets a deadline for each read and write.
type wire struct {
	net.Conn
	timeout time.Duration
	meter   *Meter
	asked   atomic.Bool // something was written since the last read

	writeLimit atomic.Int64 // nanoseconds

	mu      sync.Mutex
	silence time.Duration // 0: none
}

func (w *wire) setSilence(limit time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silence = limit
	w.restart()
}

func (w *wire) limit() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.silence
}

// restart begins the wait for the server anew; mu is held.
func (w *wire) restart() {
	var deadline time.Time
	if w.silence > 0 {
		deadline = time.Now().Add(w.silence)
	}
	w.Conn.SetReadDeadline(deadline)
}

func (w *wire) Read(p []byte) (int, error) {
	w.mu.Lock()
	w.restart()
	w.mu.Unlock()
	n, err := w.Conn.Read(p)
	if w.meter != nil && n > 0 {
		w.meter.In.Add(int64(n))
		if w.asked.Swap(false) {
			w.meter.RoundTrips.Add(1)
		}
	}
	return n, err
}

// maxWrite is what one deadline has to suffice for, in bytes.
const maxWrite = 32 << 10

// Write gives each 32 KB a deadline of their own, and the server its time to answer anew after each.
func (w *wire) Write(p []byte) (written int, err error) {
	for first := true; first || written < len(p); first = false {
		w.Conn.SetWriteDeadline(time.Now().Add(time.Duration(w.writeLimit.Load())))
		n, err := w.Conn.Write(p[written:min(len(p), written+maxWrite)])
		written += n
		if err != nil {
			return written, err
		}
		w.mu.Lock()
		w.restart()
		w.mu.Unlock()
		if w.meter != nil {
			w.meter.Out.Add(int64(n))
			w.asked.Store(true)
		}
	}
	return written, nil
}
