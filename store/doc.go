// Package store is the mailbox on this machine: folders, message rows, raw
// messages, drafts, the outbox, and what the servers have still to be told.
// It is one SQLite database, so that a message, its row and what is pending
// about it change in one transaction.
//
// # Two sides
//
// Every message row has two sides: ours (the folder it is shown in, the flags
// shown) and the server's (folder, UID and flags as it last said). A pending
// change is nothing but their difference. There is no journal to keep in step:
// [Changes] sets our side, [Remote] sets the server's, and [Changes.Next] reads
// off what the server has to be told. Undo sets our side back: when the server
// does not know yet, the difference is gone; when it does, the inverse
// difference appears.
//
//	ours          server's       means
//	folder A      folder A       in step
//	folder B      folder A       MOVE to B
//	folder B      nowhere        APPEND, or COPY when copy_of names the source
//	nowhere       folder A       EXPUNGE
//	flags: (server_flags | flag_add) &^ flag_remove; a mask that is not empty is a STORE
//
// Folders have two sides in the same way: name and server_name, wanted and
// existing.
//
// A row whose UID is not known although the server has the message (it was
// moved without COPYUID, moved by somebody else, or UIDVALIDITY changed) is
// lost; it is adopted when a message of the same identity appears, and dropped
// when none does within a whole pass over all folders.
//
// # Search
//
// [Search] cuts text into words in one way (searchwords.go), for what is
// looked for, for the index, and for what is compared without it. The index
// (searchindex.go) grows in batches up to two high-water marks; a query is a
// tree of conditions (query.go) that becomes a tree of sets of messages
// (searcheval.go), which is put in order by walking the lists of the folders
// (searchorder.go).
//
// # Where what stands
//
//	store.go, open.go, db.go       the types, opening, transactions; watch.go, who is told of a commit
//	schema.go, *schema.go          the tables, and the migrations
//	damage.go, salvage.go          a damaged database, and what is saved of it; salvageleaves.go, salvagepages.go, past SQLite
//	index.go, order.go, unified.go what lists show: folders, rows, orders, all accounts together
//	conversations.go               their rows; threads.go, topics.go and older.go tie messages to them
//	changes.go, folders.go, foldersettings.go, cross.go, undo.go   what the person does
//	pending.go, flight.go, refuse.go   what a server has to be told, is being told, says no to
//	remote.go, remotefolders.go, batch.go, adopt.go, arrivals.go   what a server said; pop3.go, one without folders
//	lost.go, same.go               which messages are the same, and those whose UID is not known
//	bodies.go, bodywriter.go       raw messages, held in memory and streamed
//	wishes.go, excerpts.go         which are to be fetched, and the text of large ones until they are
//	drafts.go, publish.go          messages being written, here and on the server
//	outbox.go, sending.go          messages on their way out
//	query*.go, search*.go          what is looked for, and finding it; savedsearch.go, what is kept of that
//	accounts.go, addresses.go, habits.go   what accounts are doing, whom one writes to, where one puts mail
//	problem.go, errors.go          what went wrong: as it is shown, as callers decide on it
//
// The room knows no protocol and no screen: it imports message and account
// only, and all text it returns is as hostile as the mail it came from.
package store
