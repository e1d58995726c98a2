-- The epoch of Redis in which a pending command was claimed last: in a later one it begins again, as if nobody had been
-- reached. (The column "walk" is what nodes of the version before look at; theirs are walked once more.)
alter table cmd add column epoch bigint not null default 0;
