package imap

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"tmail/transport"
)

// readResponse reads one server response, its literals included (RFC 3501 §4.3), into buf, which is used again, and
// returns it without the last line end. What is larger than limit bytes is an error before it takes memory; an
// announced size is believed only as far as bytes come. Where cut says so, a literal that is too large for it is cut off
// instead: what is behind the limit is read and forgotten.
func readResponse(r *bufio.Reader, buf []byte, limit func() int, cut func() bool) ([]byte, error) {
	buf = buf[:0]
	literals := true
	for first := true; ; first = false {
		start := len(buf)
		for {
			piece, err := r.ReadSlice('\n')
			if len(buf)+len(piece) > limit() {
				return buf, tooLarge(limit())
			}
			buf = append(buf, piece...)
			if err == nil {
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				if err == io.EOF && len(buf) > 0 {
					err = io.ErrUnexpectedEOF
				}
				return buf, err
			}
		}
		line := trimEOL(buf[start:])
		if first {
			literals = !isText(line)
		}
		size, ok := literalSize(line)
		if !ok || !literals {
			return buf[:start+len(line)], nil
		}
		var over int64
		if room := int64(limit() - len(buf)); size > room {
			keep := room - behindCut
			if !cut() || size > maxCut || keep < 0 {
				return buf, tooLarge(limit())
			}
			buf = fmt.Appendf(buf[:start+bytes.LastIndexByte(line, '{')], "{%d}\r\n", keep)
			size, over = keep, size-keep
		}
		var err error
		if buf, err = appendExactly(buf, r, int(size)); err != nil {
			return buf, err
		}
		if _, err := io.CopyN(io.Discard, r, over); err != nil {
			return buf, io.ErrUnexpectedEOF
		}
	}
}

// maxCut bounds a literal that is cut, in bytes; behindCut is what is left for what comes behind it.
const (
	maxCut    = 256 << 20
	behindCut = 64 << 10
)

func tooLarge(limit int) error {
	return &transport.Error{Kind: transport.KindProtocol,
		Err: fmt.Errorf("the server sent or announced more than the %d bytes that were to be expected", limit)}
}

// appendExactly appends n bytes from r, growing buf only as they come.
func appendExactly(buf []byte, r io.Reader, n int) ([]byte, error) {
	for n > 0 {
		step := min(n, 64<<10)
		at := len(buf)
		if cap(buf)-at < step {
			buf = append(buf, make([]byte, step)...)[:at]
		}
		got, err := io.ReadFull(r, buf[at:at+step])
		buf = buf[:at+got]
		if err != nil {
			return buf, io.ErrUnexpectedEOF
		}
		n -= step
	}
	return buf, nil
}

func trimEOL(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}

// literalSize says how long the literal is that line announces at its end: {123}, {123+} or ~{123}.
func literalSize(line []byte) (int64, bool) {
	if !bytes.HasSuffix(line, []byte("}")) {
		return 0, false
	}
	open := bytes.LastIndexByte(line, '{')
	if open < 0 {
		return 0, false
	}
	digits := bytes.TrimSuffix(line[open+1:len(line)-1], []byte("+"))
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, false
		}
	}
	if len(digits) == 0 {
		return 0, false
	}
	size, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return 1 << 62, true // too long for any limit
	}
	return size, true
}

// isText says whether a response ends in text for people, where {1} means nothing.
func isText(line []byte) bool {
	tag, rest, _ := bytes.Cut(line, []byte(" "))
	kind, _, _ := bytes.Cut(rest, []byte(" "))
	switch string(bytes.ToUpper(kind)) {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		return true
	}
	return string(tag) == "+"
}
