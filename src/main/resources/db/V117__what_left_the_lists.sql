-- Whom a black- or whitelist has lost, for a while: who has read the list before it reads what has changed since. The
-- numbers are those of the entries, so they tell what came before what; within a channel in the order of the commits.
create table unlisted (
    id bigint primary key default nextval('listed_id_seq'),
    channel bigint not null,
    allowed boolean not null,
    uid text collate "C" not null,
    gone_at timestamptz not null default now()
);
create index unlisted_of on unlisted (channel, id);
create index listed_of on listed (channel, id);

-- By a trigger, since a node of the version before takes entries off without leaving a trace.
create function trace_unlisted() returns trigger language plpgsql as $$
begin
    insert into unlisted (channel, allowed, uid) select channel, allowed, uid from gone;
    return null;
end $$;
create trigger listed_gone after delete on listed
    referencing old table as gone for each statement execute function trace_unlisted();
