-- What was answered to requests that carry an Idempotency-Key. Without a status the request is under way, or its node died.
create table idempotency (
    key text collate "C" primary key,
    -- SHA-256 of what makes two requests the same.
    request bytea not null,
    -- Who is at it: whoever lost the key to a later run writes no answer.
    run bigint not null,
    -- True if an earlier run may have taken effect without leaving its answer.
    again boolean not null default false,
    taken_at timestamptz not null default now(),
    status smallint,
    headers jsonb,
    body bytea
);
create index idempotency_taken on idempotency (taken_at);
