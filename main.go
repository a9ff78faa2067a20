// Command tmail is a mail client for the terminal.
package main

import (
	"os"

	"tmail/cli"
)

func main() {
	os.Exit(cli.Main())
}
