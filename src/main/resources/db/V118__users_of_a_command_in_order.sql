-- Whether uids are distinct and in byte order, so that those behind the first "written" have not been reached.
alter table cmd add column in_order boolean not null default false;
