-- Numbers a process takes once at start: a session's id begins with it, and a dead one never comes back.
create sequence incarnation;

-- One number space for messages and commands: a RECVACK names either.
create sequence message_id;

-- A known device: it has a token, and commands wait for it.
create table device (
    uid text not null,
    device_flag smallint not null,
    token_hash bytea not null,
    device_level smallint not null,
    updated_at timestamptz not null default now(),
    primary key (uid, device_flag)
);

create table channel (
    pk bigint generated always as identity primary key,
    channel_id text not null,
    channel_type smallint not null,
    ban boolean not null default false,
    disband boolean not null default false,
    send_ban boolean not null default false,
    allow_stranger boolean not null default false,
    large boolean not null default false,
    attributes jsonb not null default '{}',
    -- Raised by every change of flags, attributes or members: the time in which membership is told.
    revision bigint not null default 0,
    -- Sequence of the newest message.
    last_seq bigint not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (channel_id, channel_type)
) with (fillfactor = 80);

-- Membership as an interval of the channel's revisions [since, until): who a command addresses is decided by the
-- revision it was committed at, however late its fan-out runs.
create table member (
    channel bigint not null,
    uid text not null,
    since bigint not null,
    until bigint,
    primary key (channel, uid, since)
);
create unique index member_current on member (channel, uid) where until is null;

-- The command source log. Its fan-out cursor is the last uid that was reached.
create table cmd (
    id bigint primary key default nextval('message_id'),
    channel_id text not null,
    channel_type smallint not null,
    from_uid text not null,
    client_msg_no text not null,
    payload bytea not null,
    created_at timestamptz not null default now(),
    -- Addressed either to the members of a channel at a revision …
    channel bigint,
    revision bigint,
    -- … with those who left by this very change, too …
    with_leavers boolean not null default false,
    -- … or to these users.
    uids text[],
    reached text not null default '',
    written integer not null default 0,
    lease_owner bigint,
    lease_until timestamptz,
    done_at timestamptz,
    check ((channel is null) = (revision is null)),
    check ((channel is null) <> (uids is null))
);
create index cmd_pending on cmd (id) where done_at is null;
create index cmd_pending_of_channel on cmd (channel, id) where done_at is null;
create unique index cmd_client_msg_no on cmd (from_uid, channel_id, channel_type, client_msg_no);

create table message (
    channel bigint not null,
    seq bigint not null,
    id bigint not null default nextval('message_id'),
    from_uid text not null,
    client_msg_no text not null,
    -- Bits of the frame header: 1 noPersist, 2 redDot, 4 syncOnce.
    flags smallint not null,
    setting smallint not null,
    expire bigint not null,
    topic text not null,
    created_at timestamptz not null default now(),
    payload bytea not null,
    primary key (channel, seq)
) partition by hash (channel);
create unique index message_client_msg_no on message (channel, from_uid, client_msg_no);
create index message_id_of on message (id);
do $$ begin
    for i in 0..15 loop
        execute format('create table message_%s partition of message for values with (modulus 16, remainder %s)', i, i);
    end loop;
end $$;

-- The event log. Readers go by (txid, id) and never past the oldest transaction still running: an id alone is taken
-- before its commit, so a reader by id could pass one that becomes visible later.
create table event (
    id bigint generated always as identity,
    txid bigint not null default (pg_current_xact_id()::text::bigint),
    lane smallint not null,
    type text not null,
    key text not null,
    data jsonb not null,
    created_at timestamptz not null default now(),
    primary key (txid, id)
);
create index event_of_lane on event (lane, txid, id);

-- One cursor per endpoint and lane of the event log.
create table webhook_lane (
    endpoint text not null,
    lane smallint not null,
    read_txid bigint not null default 0,
    read_id bigint not null default 0,
    -- End of the batch that failed: it is sent again with the same events under the same id.
    batch_txid bigint,
    batch_id bigint,
    attempts integer not null default 0,
    next_at timestamptz not null default now(),
    lease_owner bigint,
    lease_until timestamptz,
    primary key (endpoint, lane)
);
