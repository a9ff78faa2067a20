package store

// schemaBulk makes what comes in great numbers cheap. A message that is
// inserted with told set has its folder told by who inserts it, once for many:
// see insertMessages. What changes nothing that is counted runs no trigger that
// counts, and the bytes of a message change what its folder shows by way of
// giveBody. The index of
// what has no bytes ends with the id by itself, and is read from its end.
const schemaBulk = `
ALTER TABLE message ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
DROP TRIGGER message_added;
CREATE TRIGGER message_added AFTER INSERT ON message WHEN new.told = 0 AND new.listed IS NOT NULL BEGIN
	UPDATE folder SET total = total + 1, unread = unread + (new.flags & 1 = 0), version = version + 1 WHERE id = new.listed;
END;
DROP TRIGGER message_left;
CREATE TRIGGER message_left AFTER UPDATE OF folder, server_flags, flag_add, flag_remove, lost ON message
		WHEN old.listed IS NOT NULL AND old.listed IS NOT new.listed BEGIN
	UPDATE folder SET total = total - 1, unread = unread - (old.flags & 1 = 0), version = version + 1 WHERE id = old.listed;
END;
DROP TRIGGER message_came;
CREATE TRIGGER message_came AFTER UPDATE OF folder, server_flags, flag_add, flag_remove, lost ON message
		WHEN new.listed IS NOT NULL AND old.listed IS NOT new.listed BEGIN
	UPDATE folder SET total = total + 1, unread = unread + (new.flags & 1 = 0), version = version + 1 WHERE id = new.listed;
END;
DROP TRIGGER message_changed;
CREATE TRIGGER message_changed AFTER UPDATE OF folder, server_folder, server_flags, flag_add, flag_remove, local, lost, refused, date, size,
		message_id, sender, recipients, subject, problem, thread ON message WHEN old.listed = new.listed BEGIN
	UPDATE folder SET unread = unread + (new.flags & 1 = 0) - (old.flags & 1 = 0), version = version + 1 WHERE id = new.listed;
END;
DROP INDEX message_bodyless;
CREATE INDEX message_bodyless ON message(account, date) WHERE blob IS NULL AND uid IS NOT NULL;
`
