-- Raised when a pending fan-out must begin again: whoever walked it before can note nothing any more.
alter table cmd add column walk integer not null default 0;

-- How far each device of a user has acknowledged, as of a time (flag -1: the pull cursor of a back end). Of the
-- commands appended before as_of, those with an id up to the floor are acknowledged; what is done later is not known.
create table device_cursor (
    uid text not null,
    device_flag smallint not null,
    seq bigint not null,
    floor bigint not null,
    -- The newest sequence of the inbox then, and the epoch that it was counted in.
    tail bigint not null,
    epoch bigint not null,
    as_of timestamptz not null,
    primary key (uid, device_flag)
);
create index device_cursor_as_of on device_cursor (as_of);

-- Which Redis, and how often it may have lost something: one row.
create table redis_epoch (
    one boolean primary key default true check (one),
    number bigint not null,
    run_id text not null
);

-- What a user was ever addressed by: the commands of the channels it was a member of, and those that name it. Partial, so
-- that no search for pending commands is led through those that are done.
create index member_of_uid on member (uid);
create index cmd_of_channel on cmd (channel, id) where done_at is not null;
create index cmd_done_of_channel on cmd (channel, done_at) where done_at is not null;
create index cmd_of_uids on cmd using gin (uids) where done_at is not null;

-- What the retention ends.
create index cmd_done on cmd (done_at) where done_at is not null;
create index member_closed on member (channel, uid, since) where until is not null;
