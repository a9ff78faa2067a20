# Builds of tmail. It is Go all through, so that every system's program is made on any of them, without a C compiler,
# and needs nothing but itself to run. `go build` and `go install` do as well; this adds what is around the program.

PREFIX    ?= /usr/local
GO        ?= go
platforms := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
shells    := bash zsh fish powershell
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null)
build     := CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w -X tmail/cli.release=$(VERSION)'

.PHONY: all release $(platforms) documents install clean

all: ## the program for this machine, in dist/tmail
	$(build) -o dist/tmail .

release: $(platforms) documents ## the programs for all systems, in dist/, with manual, completions and checksums
	cd dist && sha256sum tmail-* > SHA256SUMS

$(platforms):
	GOOS=$(@D) GOARCH=$(@F) $(build) -o dist/tmail-$(@D)-$(@F)$(if $(filter windows,$(@D)),.exe) .

documents: all ## manual pages in dist/man, completions in dist/completions
	dist/tmail man dist/man
	mkdir -p dist/completions
	$(foreach shell,$(shells),dist/tmail completion $(shell) > dist/completions/tmail.$(shell) &&) true

install: documents ## the program, its manual and its completions, below PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 dist/tmail $(DESTDIR)$(PREFIX)/bin/tmail
	install -m 644 dist/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -D -m 644 dist/completions/tmail.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tmail
	install -D -m 644 dist/completions/tmail.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_tmail
	install -D -m 644 dist/completions/tmail.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/tmail.fish

clean:
	rm -rf dist
