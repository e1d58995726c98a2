-- When the device itself last came or acknowledged, about a minute old: as_of moves with every other device of its user.
-- Null if nobody knows. It alone has an index, so that storing a cursor makes no new index entries.
alter table device_cursor add column seen_at timestamptz default now();
drop index device_cursor_as_of;
create index device_cursor_seen_at on device_cursor (seen_at);
alter table device_cursor set (fillfactor = 80);
