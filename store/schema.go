package store

// migrations bring a database forward, one version each: PRAGMA user_version
// counts those that were run. They are only ever added to.
var migrations = []string{schema1, schema2, schema3, schemaFolders, schemaSaved, schemaThreads, schemaSearch, schemaBulk, schemaOlder, schemaWeeks, schemaInitials, schemaSent, schemaDenied, schemaExcerpts, schemaPOPHeads}

// Bits and words the schema shares with the code: message.Seen is 1,
// message.Deleted is 8, and lost is one of the constants of lost.go.
//
// flags, listed and pending are computed, so that nothing can get them wrong:
// flags are the server's under our masks, listed is the folder a message is
// shown in, and pending says that the server has still to be told.
const schema1 = `
CREATE TABLE account (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	protocol TEXT NOT NULL,
	position INTEGER,                    -- NULL: not configured now
	pass INTEGER NOT NULL DEFAULT 1,     -- counts full passes over all folders
	status TEXT,                         -- JSON
	synced INTEGER,
	asked INTEGER NOT NULL DEFAULT 0,
	answered INTEGER NOT NULL DEFAULT 0,
	answer TEXT                          -- JSON problem
);

CREATE TABLE folder (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account INTEGER NOT NULL,
	name TEXT NOT NULL,                  -- ours
	wanted INTEGER NOT NULL DEFAULT 1,
	server_name TEXT,                    -- the server's; NULL: it has none
	local INTEGER NOT NULL DEFAULT 0,    -- has no server's side at all
	delim TEXT NOT NULL DEFAULT '',
	role TEXT NOT NULL DEFAULT '',
	noselect INTEGER NOT NULL DEFAULT 0,
	subscribed INTEGER NOT NULL DEFAULT 1,
	uidvalidity INTEGER NOT NULL DEFAULT 0,
	uidnext INTEGER NOT NULL DEFAULT 0,
	modseq INTEGER NOT NULL DEFAULT 0,
	synced INTEGER NOT NULL DEFAULT 0,
	flight INTEGER,
	tries INTEGER NOT NULL DEFAULT 0,
	total INTEGER NOT NULL DEFAULT 0,    -- these three are kept by triggers
	unread INTEGER NOT NULL DEFAULT 0,
	version INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX folder_server ON folder(account, server_name) WHERE server_name IS NOT NULL;

CREATE TABLE message (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account INTEGER NOT NULL,
	folder INTEGER,                      -- ours; NULL: shown nowhere
	server_folder INTEGER,               -- the server's; NULL: it has none
	uid INTEGER,                         -- NULL with a server_folder: lost
	server_flags INTEGER NOT NULL DEFAULT 0,
	flag_add INTEGER NOT NULL DEFAULT 0,
	flag_remove INTEGER NOT NULL DEFAULT 0,
	local INTEGER NOT NULL DEFAULT 0,    -- never told to a server
	lost INTEGER NOT NULL DEFAULT 0,
	lost_pass INTEGER,
	flight INTEGER,
	flight_uid INTEGER,                  -- the UID the command names it by
	copy_of INTEGER,
	waits_for INTEGER,                   -- expunge only when this one has arrived
	was INTEGER,                         -- the folder it was in, while it waits
	tries INTEGER NOT NULL DEFAULT 0,
	refused INTEGER NOT NULL DEFAULT 0,  -- waits for the person
	date INTEGER NOT NULL,               -- seconds; the order of lists
	received INTEGER NOT NULL,           -- INTERNALDATE as told; 0: not known
	size INTEGER NOT NULL,
	identity INTEGER NOT NULL,           -- hash of the Message-ID
	attachments INTEGER NOT NULL DEFAULT 0,
	blob INTEGER,
	message_id TEXT NOT NULL DEFAULT '',
	sender TEXT NOT NULL DEFAULT '',
	recipients TEXT NOT NULL DEFAULT '',
	subject TEXT NOT NULL DEFAULT '',
	preview TEXT NOT NULL DEFAULT '',
	problem TEXT,                        -- JSON
	flags INTEGER AS ((server_flags | flag_add) & ~flag_remove) VIRTUAL,
	listed INTEGER AS (CASE WHEN lost < 4 AND (server_flags | flag_add) & ~flag_remove & 8 = 0 THEN folder END) VIRTUAL,
	pending INTEGER AS (local = 0 AND refused = 0 AND lost < 4
		AND (folder IS NOT server_folder OR flag_add | flag_remove <> 0)) VIRTUAL
);
CREATE INDEX message_list ON message(listed, date DESC, id DESC) WHERE listed IS NOT NULL;
CREATE UNIQUE INDEX message_uid ON message(server_folder, uid) WHERE uid IS NOT NULL;
CREATE INDEX message_pending ON message(account, id) WHERE pending;
CREATE INDEX message_lost ON message(account, identity) WHERE lost <> 0 OR flight IS NOT NULL;
CREATE INDEX message_flight ON message(flight) WHERE flight IS NOT NULL;
CREATE INDEX message_copy ON message(copy_of) WHERE copy_of IS NOT NULL;
CREATE INDEX message_waits ON message(waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX message_bodyless ON message(account, date DESC, id DESC) WHERE blob IS NULL AND uid IS NOT NULL;
CREATE INDEX message_blob ON message(blob) WHERE blob IS NOT NULL;

CREATE TABLE flight (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account INTEGER NOT NULL,
	kind TEXT NOT NULL,
	folder INTEGER NOT NULL,
	dest INTEGER NOT NULL,
	name TEXT NOT NULL,                  -- of a folder created, the new one of a renamed
	uidvalidity INTEGER NOT NULL,        -- of dest
	uidnext INTEGER NOT NULL,            -- of dest
	flag_add INTEGER NOT NULL,
	flag_remove INTEGER NOT NULL
);

CREATE TABLE blob (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	size INTEGER NOT NULL,
	loose INTEGER                        -- when last written to, while nothing refers to it
);
CREATE INDEX blob_loose ON blob(loose) WHERE loose IS NOT NULL;
CREATE TABLE piece (
	id INTEGER PRIMARY KEY,              -- blob << 20 | number
	data BLOB NOT NULL                   -- zstd
);

CREATE TABLE want (message INTEGER PRIMARY KEY);

CREATE TABLE draft (
	message INTEGER PRIMARY KEY,
	data TEXT NOT NULL,                  -- JSON
	answers INTEGER,
	updated INTEGER NOT NULL,            -- milliseconds
	discarded INTEGER                    -- when; NULL: it is not
);
CREATE TABLE file (
	draft INTEGER NOT NULL,
	blob INTEGER NOT NULL,
	PRIMARY KEY (draft, blob)
) WITHOUT ROWID;
CREATE INDEX file_blob ON file(blob);

CREATE TABLE outbox (
	message INTEGER PRIMARY KEY,
	status TEXT NOT NULL,                -- due (from the time due on), sending, unconfirmed, failed
	step INTEGER NOT NULL DEFAULT 0,
	due INTEGER,                         -- milliseconds; NULL: held
	sender TEXT NOT NULL,
	recipients TEXT NOT NULL,            -- JSON
	utf8 INTEGER NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	problem TEXT,                        -- JSON
	updated INTEGER NOT NULL             -- milliseconds
);

CREATE TABLE uidl (
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL,
	uidl TEXT NOT NULL,                  -- the server's name for it
	listed INTEGER NOT NULL,             -- the server has it
	message INTEGER,                     -- ours; NULL: deleted here
	sha256 TEXT NOT NULL,
	size INTEGER NOT NULL,
	first_seen INTEGER NOT NULL,
	UNIQUE (account, uidl, sha256)
);
CREATE INDEX uidl_content ON uidl(account, sha256);
CREATE INDEX uidl_message ON uidl(message) WHERE message IS NOT NULL;

CREATE TABLE address (
	addr TEXT PRIMARY KEY,               -- case folded
	shown TEXT NOT NULL,
	name TEXT NOT NULL,
	key TEXT NOT NULL,                   -- what a prefix is looked for in
	written INTEGER NOT NULL DEFAULT 0,
	seen INTEGER NOT NULL DEFAULT 0,
	last INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE notice (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account TEXT NOT NULL,
	subject TEXT NOT NULL,
	count INTEGER NOT NULL,
	problem TEXT NOT NULL                -- JSON
);

CREATE TRIGGER message_added AFTER INSERT ON message WHEN new.listed IS NOT NULL BEGIN
	UPDATE folder SET total = total + 1, unread = unread + (new.flags & 1 = 0), version = version + 1 WHERE id = new.listed;
END;
CREATE TRIGGER message_left AFTER UPDATE ON message WHEN old.listed IS NOT NULL AND old.listed IS NOT new.listed BEGIN
	UPDATE folder SET total = total - 1, unread = unread - (old.flags & 1 = 0), version = version + 1 WHERE id = old.listed;
END;
CREATE TRIGGER message_came AFTER UPDATE ON message WHEN new.listed IS NOT NULL AND old.listed IS NOT new.listed BEGIN
	UPDATE folder SET total = total + 1, unread = unread + (new.flags & 1 = 0), version = version + 1 WHERE id = new.listed;
END;
CREATE TRIGGER message_changed AFTER UPDATE ON message WHEN old.listed = new.listed BEGIN
	UPDATE folder SET unread = unread + (new.flags & 1 = 0) - (old.flags & 1 = 0), version = version + 1 WHERE id = new.listed;
END;
CREATE TRIGGER message_dropped AFTER DELETE ON message BEGIN
	UPDATE folder SET total = total - 1, unread = unread - (old.flags & 1 = 0), version = version + 1 WHERE id = old.listed;
	DELETE FROM want WHERE message = old.id;
	DELETE FROM draft WHERE message = old.id;
	DELETE FROM outbox WHERE message = old.id;
	UPDATE uidl SET message = NULL WHERE message = old.id;
	DELETE FROM blob WHERE id = old.blob
		AND NOT EXISTS (SELECT 1 FROM message WHERE blob = old.blob) AND NOT EXISTS (SELECT 1 FROM file WHERE blob = old.blob);
END;
CREATE TRIGGER message_emptied AFTER UPDATE OF blob ON message WHEN old.blob IS NOT NULL AND old.blob IS NOT new.blob BEGIN
	DELETE FROM blob WHERE id = old.blob
		AND NOT EXISTS (SELECT 1 FROM message WHERE blob = old.blob) AND NOT EXISTS (SELECT 1 FROM file WHERE blob = old.blob);
END;
CREATE TRIGGER draft_dropped AFTER DELETE ON draft BEGIN
	DELETE FROM file WHERE draft = old.message;
END;
CREATE TRIGGER file_dropped AFTER DELETE ON file BEGIN
	DELETE FROM blob WHERE id = old.blob
		AND NOT EXISTS (SELECT 1 FROM message WHERE blob = old.blob) AND NOT EXISTS (SELECT 1 FROM file WHERE blob = old.blob);
END;
CREATE TRIGGER blob_dropped AFTER DELETE ON blob BEGIN
	DELETE FROM piece WHERE id BETWEEN old.id << 20 AND (old.id << 20) + 1048575;
END;
CREATE TRIGGER outbox_changed AFTER UPDATE ON outbox BEGIN
	UPDATE folder SET version = version + 1 WHERE id = (SELECT listed FROM message WHERE id = new.message);
END;
`

// schema2 remembers which version of a draft the server was given: its updated
// column then; NULL for none.
const schema2 = "ALTER TABLE draft ADD COLUMN published INTEGER"

// schema3 says how many octets of a message being sent the server has taken.
const schema3 = "ALTER TABLE outbox ADD COLUMN sent INTEGER NOT NULL DEFAULT 0"

// schemaFolders is for the folders of a person: which stand on top, which are folded
// away, which the server is to list; for what arrived, to be told as news; and
// for where mail is usually put.
const schemaFolders = `
ALTER TABLE folder ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN folded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN subscribe INTEGER; -- as the person wants it; NULL: as the server has it
ALTER TABLE message ADD COLUMN list_id TEXT NOT NULL DEFAULT '';

CREATE TABLE arrival (message INTEGER PRIMARY KEY);
CREATE TRIGGER arrival_dropped AFTER DELETE ON message BEGIN
	DELETE FROM arrival WHERE message = old.id;
END;

CREATE TABLE habit (
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL,            -- of the mail moved; 0: of all
	key TEXT NOT NULL,                   -- what it has in common
	folder INTEGER NOT NULL,             -- where it went
	weight INTEGER NOT NULL,
	last INTEGER NOT NULL,               -- milliseconds
	UNIQUE (account, key, folder)
);
CREATE INDEX habit_folder ON habit(folder);
CREATE INDEX habit_last ON habit(last);
CREATE TRIGGER habit_unwanted AFTER UPDATE OF wanted ON folder WHEN NOT new.wanted BEGIN
	DELETE FROM habit WHERE folder = new.id;
END;
CREATE TRIGGER habit_dropped AFTER DELETE ON folder BEGIN
	DELETE FROM habit WHERE folder = old.id;
END;
`
