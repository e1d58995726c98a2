-- The walk over the registry itself; its "after" is a place in Redis.
insert into presence_pass (name) values ('registry') on conflict do nothing;
