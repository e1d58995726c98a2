-- Raised by every change of an endpoint.
create sequence webhook_revision;

-- Readers of the event log that are not this process: back ends that are posted to.
create table webhook_endpoint (
    -- 'config' is the one that the configuration gives.
    id text primary key,
    url text not null,
    description text not null default '',
    format text not null check (format in ('wukong', 'standard')),
    -- As they were given, with wildcards, and the types that they stand for.
    events text[] not null,
    types text[] not null,
    batch_size integer not null,
    batch_delay_ms integer not null,
    concurrency integer not null,
    -- Requests per second of all nodes together; 0 for no bound.
    rate integer not null,
    scheme text not null check (scheme in ('v1', 'v1a')),
    public_keys text[] not null default '{}',
    -- Both encrypted (AES-GCM); null for none.
    secrets bytea,
    headers bytea,
    header_names text[] not null default '{}',
    -- paused: it keeps its cursors, and what waits for it ages into dead letters; absent: the configuration does not
    -- name it any more, nothing waits for it; pull: has no URL, its events are recorded for GET /events; deleted: is
    -- being cleared away.
    state text not null check (state in ('active', 'paused', 'absent', 'pull', 'deleted')),
    state_reason text not null default '',
    revision bigint not null default nextval('webhook_revision'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    -- Since when nothing was delivered to it though it was tried, and when that was told.
    failing_since timestamptz,
    failing_told_at timestamptz,
    -- When the last request that its rate allowed may begin.
    paced_until timestamptz not null default '-infinity'
) with (fillfactor = 70);

insert into webhook_endpoint
    (id, url, format, events, types, batch_size, batch_delay_ms, concurrency, rate, scheme, state)
select 'config', '', 'wukong', '{}', '{}', 100, 0, 16, 0, 'v1', 'absent' from webhook_lane limit 1;

-- A lane has one cursor for all its keys (key '') and one more for each key that an event of its own holds up: the
-- others leave that key out until it has caught up. Lane 64 is for the replay of dead letters.
alter table webhook_lane
    add column key text not null default '',
    add column failing_since timestamptz,
    drop constraint webhook_lane_pkey,
    add primary key (endpoint, lane, key),
    add foreign key (endpoint) references webhook_endpoint on delete cascade;
alter table webhook_lane set (fillfactor = 50);

-- Events that an endpoint could not be given; they keep their ids when they are replayed.
create table dead_letter (
    endpoint text not null references webhook_endpoint,
    event_id bigint not null,
    txid bigint not null,
    lane smallint not null,
    type text not null,
    key text not null,
    data jsonb not null,
    created_at timestamptz not null,
    -- refused: the schedule ended; expired: it waited too long; unreadable: it could not be given a form.
    reason text not null,
    status text not null,
    attempts integer not null,
    died_at timestamptz not null default now(),
    -- Since when a replay is asked for.
    replay_at timestamptz,
    primary key (endpoint, event_id)
);
create index dead_letter_replay on dead_letter (endpoint, txid, event_id) where replay_at is not null;
create index dead_letter_died on dead_letter (died_at);

-- What was sent, for a time.
create table webhook_attempt (
    id bigint generated always as identity primary key,
    endpoint text not null,
    at timestamptz not null,
    -- The header webhook-id.
    request text not null,
    type text not null,
    events integer not null,
    attempt integer not null,
    delivered boolean not null,
    status text not null,
    latency_ms integer not null,
    answer text not null,
    next_at timestamptz
);
create index webhook_attempt_of on webhook_attempt (endpoint, id);

-- The newest position that retention took away: whoever reads from before it has missed something.
create table event_floor (
    one boolean primary key default true check (one),
    txid bigint not null,
    id bigint not null
);
insert into event_floor (txid, id) values (0, 0);
