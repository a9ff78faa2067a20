// Command tmail is a mail client for the terminal.
package main

import (
	_ "embed"
	"os"

	"tmail/cli"
)

//go:embed config.example.toml
var example string

//go:embed config.example.zh.toml
var exampleInChinese string

func main() {
	os.Exit(cli.Main(map[string]string{"en": example, "zh": exampleInChinese}))
}
