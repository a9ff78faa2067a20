package message

// GuessText decodes a text of which nothing is known, such as a file that another program wrote: it is taken for UTF-8,
// else for what its bytes look like.
func GuessText(b []byte) string { return guessText(b) }
