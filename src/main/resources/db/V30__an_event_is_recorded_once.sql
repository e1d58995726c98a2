-- What names an event for ever, for writers that repeat an append whose fate they do not know; null for those that
-- record events in the transaction that causes them.
alter table event add column dedupe_key text;
create unique index event_dedupe_key on event (dedupe_key) where dedupe_key is not null;
