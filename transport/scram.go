package transport

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

const scramSHA256 = "SCRAM-SHA-256"

// How often a server may want the password hashed: fewer times make it easy to guess from what goes over the wire
// (RFC 7677 §4), more keep this machine busy for seconds.
const minIterations, maxIterations = 4096, 2_000_000

// scramClient is SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding.
type scramClient struct {
	password string
	nonce    string // ours
	bare     string // our first message without the header
	answer   []byte // the signature the server has to show
	proven   bool   // and has shown
}

func newScram(username, password, nonce string) *scramClient {
	return &scramClient{
		password: norm.NFKC.String(password), // what SASLprep (RFC 4013) comes to where passwords are typed
		nonce:    nonce,
		bare:     "n=" + saslName(norm.NFKC.String(username)) + ",r=" + nonce,
	}
}

// saslName writes a user name where a comma would end it.
func saslName(name string) string { return strings.NewReplacer("=", "=3D", ",", "=2C").Replace(name) }

const noBinding = "n,,"

// Start implements sasl.Client.
func (s *scramClient) Start() (string, []byte, error) {
	return scramSHA256, []byte(noBinding + s.bare), nil
}

// Next implements sasl.Client. The server's first message is answered by the proof, its second by nothing.
func (s *scramClient) Next(challenge []byte) ([]byte, error) {
	if s.answer == nil {
		return s.prove(string(challenge))
	}
	signature, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(challenge), "v="))
	if err != nil || !hmac.Equal(signature, s.answer) {
		return nil, &Error{Kind: KindAuth, Op: "sign in", Words: string(challenge), Err: errors.New("the server did not prove that it knows the password")}
	}
	s.proven = true
	return []byte{}, nil
}

func (s *scramClient) prove(first string) ([]byte, error) {
	nonce, salt, iterations, err := s.parse(first)
	if err != nil {
		return nil, &Error{Kind: KindProtocol, Op: "sign in", Words: first, Err: err}
	}
	salted, err := pbkdf2.Key(sha256.New, s.password, salt, iterations, sha256.Size)
	if err != nil {
		return nil, err
	}
	final := "c=" + base64.StdEncoding.EncodeToString([]byte(noBinding)) + ",r=" + nonce
	all := s.bare + "," + first + "," + final
	key := sign(salted, "Client Key")
	stored := sha256.Sum256(key)
	proof := sign(stored[:], all)
	for i := range proof {
		proof[i] ^= key[i]
	}
	s.answer = sign(sign(salted, "Server Key"), all)
	return []byte(final + ",p=" + base64.StdEncoding.EncodeToString(proof)), nil
}

// parse reads "r=nonce,s=salt,i=iterations", with extensions behind. The nonce has to begin with ours.
func (s *scramClient) parse(first string) (nonce string, salt []byte, iterations int, err error) {
	fields := strings.Split(first, ",")
	if len(fields) < 3 || !strings.HasPrefix(fields[0], "r=") || !strings.HasPrefix(fields[1], "s=") || !strings.HasPrefix(fields[2], "i=") {
		return "", nil, 0, errors.New("this is no SCRAM challenge")
	}
	nonce = fields[0][2:]
	if len(nonce) <= len(s.nonce) || !strings.HasPrefix(nonce, s.nonce) {
		return "", nil, 0, errors.New("the challenge is not for this sign-in")
	}
	if salt, err = base64.StdEncoding.DecodeString(fields[1][2:]); err != nil {
		return "", nil, 0, fmt.Errorf("read the salt: %w", err)
	}
	iterations, err = strconv.Atoi(fields[2][2:])
	if err == nil && (iterations < minIterations || iterations > maxIterations) {
		err = fmt.Errorf("the server wants the password hashed %d times, which is not between %d and %d", iterations, minIterations, maxIterations)
	}
	return nonce, salt, iterations, err
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
