-- When a node was last there to deliver events, and the time before in which none was: it makes no event too old.
create table webhook_service (
    one boolean primary key default true check (one),
    seen_at timestamptz not null default now(),
    lost interval not null default '0',
    -- When the last outage ended.
    lost_until timestamptz not null default '-infinity'
);
insert into webhook_service default values;
