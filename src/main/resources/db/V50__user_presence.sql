-- What was last told of each user, written with the event that tells it. The row of a user who is offline stays: it says
-- since when, and its version is what the next one must exceed.
create table user_presence (
    uid text collate "C" primary key,
    online boolean not null,
    -- That of the newest event, whether it told of the user or of one more device.
    version bigint not null,
    -- When the user came online or went offline.
    since timestamptz not null,
    reason text not null,
    -- Incarnation of the node whose session came or went last.
    node bigint not null,
    -- Live sessions per device flag when the newest event was made.
    devices jsonb not null
) with (fillfactor = 80);

-- Snapshots and reconciliation walk those who are online, however many ever were.
create index user_presence_online on user_presence (uid) where online;

-- The highest version that was ever told: a registry that lost its memory, or whose clock went back, starts above it.
create table presence_clock (
    one boolean primary key default true check (one),
    version bigint not null
) with (fillfactor = 10);
insert into presence_clock (version) values (0);
