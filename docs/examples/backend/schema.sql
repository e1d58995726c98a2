-- A user as the newest statement that we know has it; versions of a user only grow.
create table if not exists presence (
    uid text primary key,
    online boolean not null,
    version bigint not null,
    -- Milliseconds since 1970; null if Herald never heard of the user.
    since bigint
);
create index if not exists presence_bucket on presence (substr(md5(uid), 1, 2)) where online;

-- Webhooks that were taken: what comes again is answered and dropped.
create table if not exists webhook (
    id text primary key,
    taken_at timestamptz not null default now()
);
