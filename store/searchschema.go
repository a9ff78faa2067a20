package store

// schemaSaved holds the searches a person keeps.
const schemaSaved = `
CREATE TABLE saved_search (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	text TEXT NOT NULL
);
`
