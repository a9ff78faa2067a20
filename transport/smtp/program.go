package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"tmail/process"
	"tmail/transport"
)

const (
	programPatience = time.Hour // a sendmail program may send by itself, on a slow link
	pipePatience    = 5 * time.Second
	maxWords        = 4 << 10 // bytes kept of what a program prints
	exitTempFail    = 75      // EX_TEMPFAIL of sysexits.h
)

// findProgram returns the path of the configured program.
func findProgram(command []string) (string, error) {
	const op = "find the sendmail program"
	if len(command) == 0 {
		return "", &transport.Error{Kind: transport.KindRefused, Op: op, Err: errors.New("no command is configured")}
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return "", &transport.Error{Kind: transport.KindRefused, Op: op, Err: err}
	}
	return path, nil
}

// programArguments are the configured ones, made to say exactly what the
// envelope says: the recipients stand as arguments behind "--", and -t, which
// would have the program take them from the header (without Bcc, and never
// only those that are left), is taken out. -i keeps a line with a lone dot
// from ending the message.
func programArguments(command []string, env Envelope) []string {
	var args []string
	var hasSender bool
	for _, arg := range command[1:] {
		switch arg {
		case "-t", "--read-recipients", "-i", "-oi", "-ti", "-it":
			continue
		}
		hasSender = hasSender || strings.HasPrefix(arg, "-f") || strings.HasPrefix(arg, "-r")
		args = append(args, arg)
	}
	args = append(args, "-i")
	if !hasSender {
		sender := env.From
		if sender == "" {
			sender = "<>"
		}
		args = append(args, "-f", onWire(sender))
	}
	if env.Notify {
		args = append(args, "-N", "success,delay,failure")
	}
	args = append(args, "--")
	for _, addr := range env.To {
		args = append(args, onWire(addr))
	}
	return args
}

// runProgram gives the message to a sendmail program, without a shell, on its
// standard input and with lines that end in LF as such programs expect. It
// takes the message for all recipients or for none.
func (m *handover) runProgram(ctx context.Context, command []string) error {
	const op = "send the message"
	path, err := findProgram(command)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, programPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, programArguments(command, m.env)...)
	words := &tail{}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = words, words, pipePatience
	process.Group(cmd) // a wrapper's child that lived on would send a message cut short
	if err := m.step(StepRecipients, m.result); err != nil {
		return err
	}
	message, err := m.body()
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	defer message.Close()
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return &transport.Error{Kind: transport.KindRefused, Op: op, Err: err}
	}
	cut, err := m.feed(ctx, stdin, message)
	if err != nil {
		cmd.Cancel() // before it sees the end of what is not whole
		stdin.Close()
		cmd.Wait()
		return err
	}
	stdin.Close()
	failed := programFailure(ctx, cmd.Wait(), string(words.text))
	if failed == nil && cut {
		failed = unconfirmed(&transport.Error{Kind: transport.KindProtocol, Op: op, Words: string(words.text),
			Err: errors.New("the program ended well but did not read the whole message")})
	}
	if failed != nil {
		return failed
	}
	m.result.Accepted, m.result.Reply = m.env.To, string(words.text)
	return m.step(StepAccepted, m.result)
}

// feed writes the message. cut says that the program stopped reading, which
// its exit status has to explain.
func (m *handover) feed(ctx context.Context, stdin io.Writer, message io.Reader) (cut bool, err error) {
	if err := m.step(StepData, m.result); err != nil {
		return false, err
	}
	source := &source{Reader: message}
	_, err = io.Copy(stdin, newLineReader(source, "\n"))
	if source.err != nil {
		return false, fmt.Errorf("read the message: %w", source.err)
	}
	if ctx.Err() != nil {
		return false, transport.Wrap("send the message", ctx.Err())
	}
	return err != nil, m.step(StepFinalDot, m.result)
}

// programFailure judges how a program that was given the whole message ended.
// Only an exit status of its own says that it did not take the message.
func programFailure(ctx context.Context, err error, words string) error {
	if err == nil || errors.Is(err, exec.ErrWaitDelay) { // the latter: it left something running
		return nil
	}
	failure := &transport.Error{Kind: transport.KindRefused, Op: "send the message", Words: words, Err: err}
	var exit *exec.ExitError
	if ctx.Err() != nil {
		failure.Err = ctx.Err()
	}
	if ctx.Err() != nil || !errors.As(err, &exit) || !exit.Exited() {
		return unconfirmed(failure)
	}
	failure.Code = fmt.Sprint(exit.ExitCode())
	if exit.ExitCode() == exitTempFail {
		failure.Kind = transport.KindTemporary
	}
	return failure
}

// tail keeps the last of what is written to it.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-maxWords):]
	return len(p), nil
}
