-- Operators can begin an epoch, too, but not before every node knows of the one before.
alter table redis_epoch add column since timestamptz not null default now();
