-- The newest edge that was looked at: most become events, but one that tells what was told already does not.
alter table user_presence add column seen bigint not null default 0;
update user_presence set seen = version;

-- Users whom back ends made a priority; those that the configuration names are not here.
create table presence_priority (
    uid text collate "C" primary key,
    added_at timestamptz not null default now()
);

-- Differences that reconciliation found and mended; kept for a while only.
create table presence_drift (
    id bigint generated always as identity primary key,
    found_at timestamptz not null default now(),
    kind text not null,
    uid text not null,
    -- Incarnation of the node that mended it.
    node bigint not null,
    -- How long it may have stood, as far as can be told.
    age_ms bigint,
    detail text not null
);
create index presence_drift_found_at on presence_drift (found_at);

-- Names under which a node held a lease that has ended: only who is written down here as its heir ends its sessions,
-- or carries them on, if that is the node itself under a new name.
create table presence_heir (
    node text primary key,
    heir text not null,
    since timestamptz not null default now()
);
