package message

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

const typicalHeader = `Return-Path: <dev-bounces@lists.example.com>
Received: from mx.example.com (mx.example.com [192.0.2.1])
	by imap.example.com with ESMTPS id 4XyZ12abcd; Fri, 20 Nov 2026 13:40:05 +0800 (CST)
Received: from out.example.org (out.example.org [198.51.100.7])
	by mx.example.com with ESMTPS id 1a2b3c; Fri, 20 Nov 2026 13:40:03 +0800 (CST)
Date: Fri, 20 Nov 2026 05:40:00 +0000
From: =?UTF-8?B?546L5bCP5piO?= <wxm@example.org>
To: Ann Archer <ann@example.com>, "Baker, Bob" <bob@example.com>
Cc: dev@lists.example.com
Subject: =?UTF-8?B?UmU6IOS8muiuruiusOW9le+8muWRqOS6lOS4i+WNiOS4ieeCuQ==?=
 =?UTF-8?B?77yM5LqM5Y+35Lya6K6u5a6k?=
Message-ID: <CAF0o1TQ5z8e3kq4n1=abcdefg@mail.example.org>
In-Reply-To: <20261119T120000.1234@example.com>
References: <20261118T120000.1@example.com> <20261119T120000.1234@example.com>
List-Id: Development <dev.lists.example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="000000000000a1b2c3"

`

func BenchmarkEnvelope(b *testing.B) {
	raw := []byte(strings.ReplaceAll(typicalHeader, "\n", "\r\n"))
	b.ReportAllocs()
	for b.Loop() {
		if e := ParseHeader(raw).Envelope(); len(e.To) != 2 {
			b.Fatal("wrong envelope")
		}
	}
}

func BenchmarkRead(b *testing.B) {
	raw := typicalHeader + "--000000000000a1b2c3\nContent-Type: multipart/alternative; boundary=x\n\n" +
		"--x\nContent-Type: text/plain; charset=utf-8\n\n" + strings.Repeat("A line of text.\n", 100) +
		"--x\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" +
		strings.Repeat("<p class=3D\"x\">A line of text.</p>\n", 200) + "--x--\n" +
		"--000000000000a1b2c3\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n" +
		strings.Repeat(strings.Repeat("QUJD", 19)+"\n", 1_000) + "--000000000000a1b2c3--\n"
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if m, err := Read(strings.NewReader(raw)); err != nil || len(m.Attachments) != 1 {
			b.Fatal("read wrongly", err)
		}
	}
}

func BenchmarkReadAttachment(b *testing.B) {
	const head = "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
	line := strings.Repeat("QUJD", 19) + "\n"
	const lines = 1 << 17 // 10 MB
	b.SetBytes(int64(lines * len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(io.MultiReader(strings.NewReader(head), &repeater{s: line, n: lines})); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExtremes reads messages that are made to be too much, up to the first
// screens of the text.
func BenchmarkExtremes(b *testing.B) {
	deep := func() io.Reader {
		var readers []io.Reader
		for i := range 10_000 {
			readers = append(readers, strings.NewReader(fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)))
		}
		return io.MultiReader(append(readers, strings.NewReader("\ntext"))...)
	}
	repeat := func(head, body string, n int) func() io.Reader {
		return func() io.Reader { return io.MultiReader(strings.NewReader(head), &repeater{s: body, n: n}) }
	}
	for _, extreme := range []struct {
		name string
		in   func() io.Reader
	}{
		{"depth_10000", deep},
		{"header_lines_1M", repeat("", "X: y\n", 1_000_000)},
		{"line_100MB", repeat("Subject: a\n\n", strings.Repeat("x", 1_000), 100_000)},
		{"HTML_10MB", repeat("Content-Type: text/html\n\n", newsletter(100<<10)+"\n", 100)},
		{"newsletter_100KB", repeat("Content-Type: text/html\n\n", newsletter(100<<10), 1)},
		{"recipients_1M", repeat("To: ", "a@b.example, ", 1_000_000)},
		{"references_100K", repeat("References: ", "<0123456789@example.com> ", 100_000)},
	} {
		b.Run(extreme.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m, err := Read(extreme.in())
				if err != nil {
					b.Fatal(err)
				}
				m.Beginning(false)
			}
		})
	}
}

// BenchmarkCopyPart saves an attachment of 100 MB.
func BenchmarkCopyPart(b *testing.B) {
	const head = "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
	line := strings.Repeat("QUJD", 19) + "\n"
	const lines = 1_840_000
	b.SetBytes(lines * 57)
	b.ReportAllocs()
	for b.Loop() {
		if err := CopyPart(io.Discard, io.MultiReader(strings.NewReader(head), &repeater{s: line, n: lines}), "1"); err != nil {
			b.Fatal(err)
		}
	}
}
