package store

// How the UID of a message that the server has was lost. Zero is not lost. The
// schema knows that those from lostGone on are not shown.
const (
	lostLanded = 1 // the server said it is in server_folder, but not under which UID
	lostReset  = 2 // UIDVALIDITY of server_folder changed
	lostAway   = 3 // it vanished from server_folder while our command was under way
	lostGone   = 4 // it vanished from server_folder: hidden until it appears elsewhere
)
