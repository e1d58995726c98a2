-- Who may not write to a channel (blacklist), and who alone may (whitelist); of type 1 it is the receiver's own row.
create table listed (
    channel bigint not null,
    -- True for the whitelist, false for the blacklist.
    allowed boolean not null,
    uid text collate "C" not null,
    id bigint generated always as identity,
    created_at timestamptz not null default now(),
    primary key (channel, allowed, uid)
);

-- False if the back end sends the commands of this channel's changes itself.
alter table channel add column commands boolean not null default true;

-- Of several commands with one key that a device has not acknowledged only the newest matters; none: each matters.
alter table cmd add column coalesce_key text;
