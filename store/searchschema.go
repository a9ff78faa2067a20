package store

// schemaSaved holds the searches a person keeps.
const schemaSaved = `
CREATE TABLE saved_search (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	text TEXT NOT NULL
);
`

// schemaSearch is the index of words: of headers and of texts apart, since
// headers are there first and are looked through faster. The words are written
// by eachWord, and only separated here. An index holds no text, and forgets by
// message ids, which are never used again.
//
// search_mark says how far the index goes: all messages up to head have their
// header in it, all blobs up to blob their text. So whoever adds messages does
// not have to say so. What changes below the marks stands in search_todo, what
// has to leave the index in search_gone. Drafts change with every key, and are
// not in the index at all.
//
// search_initial knows with which letters the words of a text begin: else a
// single letter, the first key of a search, would be compared with most of all
// words there are.
const schemaSearch = `
CREATE VIRTUAL TABLE search_head USING fts5(subject, sender, receiver, copied, content='', contentless_delete=1, tokenize='ascii');
CREATE VIRTUAL TABLE search_text USING fts5(body, files, content='', contentless_delete=1, tokenize='ascii');
CREATE VIRTUAL TABLE search_initial USING fts5(initials, content='', contentless_delete=1, tokenize='ascii', detail=none);
INSERT INTO search_head (search_head, rank) VALUES ('automerge', 16);
INSERT INTO search_head (search_head, rank) VALUES ('hashsize', 4194304);
INSERT INTO search_text (search_text, rank) VALUES ('hashsize', 4194304);
CREATE TABLE search_mark (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	head INTEGER NOT NULL,
	blob INTEGER NOT NULL
);
INSERT INTO search_mark (id, head, blob) VALUES (1, 0, 0);
CREATE TABLE search_todo (message INTEGER PRIMARY KEY);
CREATE TABLE search_gone (message INTEGER PRIMARY KEY);

CREATE TRIGGER search_left AFTER DELETE ON message WHEN old.id <= (SELECT head FROM search_mark) BEGIN
	INSERT OR IGNORE INTO search_gone (message) VALUES (old.id);
END;
CREATE TRIGGER search_body_changed AFTER UPDATE OF blob ON message WHEN new.blob IS NOT NULL AND new.blob <= (SELECT blob FROM search_mark) BEGIN
	INSERT OR IGNORE INTO search_todo (message) VALUES (new.id);
END;
CREATE TRIGGER search_draft_done AFTER DELETE ON draft BEGIN
	INSERT OR IGNORE INTO search_todo (message) VALUES (old.message);
END;
`

// schemaSent has the day of Date, by the sender's clock, in seconds as if it was
// in Greenwich. NULL: there is none, or the message came before this was kept;
// then its place in lists counts.
const schemaSent = "ALTER TABLE message ADD COLUMN sent INTEGER"

// schemaInitials has search_initial know the first two letters of words as
// well, with which so many begin. Texts are indexed anew for it.
const schemaInitials = `
DROP TABLE search_initial;
DROP TABLE search_text;
CREATE VIRTUAL TABLE search_initial USING fts5(initials, content='', contentless_delete=1, tokenize='ascii', detail=none);
CREATE VIRTUAL TABLE search_text USING fts5(body, files, content='', contentless_delete=1, tokenize='ascii');
INSERT INTO search_text (search_text, rank) VALUES ('hashsize', 4194304);
UPDATE search_mark SET blob = 0;
`
