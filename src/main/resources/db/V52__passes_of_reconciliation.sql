-- Walks over all users that one node at a time makes; another goes on from "after" if that node does not live to end it.
create table presence_pass (
    name text primary key,
    holder text not null default '',
    held_until timestamptz not null default '-infinity',
    started_at timestamptz not null default '-infinity',
    -- The last uid that was looked at; null: no walk is under way.
    after text collate "C"
);
insert into presence_pass (name) values ('users'), ('priority');

-- Whether presence.drift was told to be above its threshold.
alter table presence_clock add column alarmed boolean not null default false;

alter table presence_drift add column repair text not null default '';
