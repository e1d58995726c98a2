-- Seconds from its commit on, after which a command is given to nobody; 0: none.
alter table cmd add column expire bigint not null default 0;
