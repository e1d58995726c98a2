-- How far the retention has got: a cursor beyond both has missed nothing. One row; none while nothing was ended.
create table cmd_ended (
    one boolean primary key default true check (one),
    -- The highest id of the commands that are gone, and the latest time at which one of them had reached everybody.
    id bigint not null,
    done_at timestamptz not null
);

-- Of what was ended before this table was there, only this is known: it was older than what is left.
insert into cmd_ended (id, done_at)
select coalesce((select min(id) - 1 from cmd), s.last_value),
    coalesce((select min(done_at) from cmd where done_at is not null), now())
from message_id s where s.is_called;

-- True if the device lacks what was there before it, and has not acknowledged anything since it became known.
alter table device_cursor add column fresh boolean not null default false;
