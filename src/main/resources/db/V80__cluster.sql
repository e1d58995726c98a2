-- Nodes with the same database are one cluster: its name is known to nobody else.
create table cluster (
    name uuid not null default gen_random_uuid()
);
insert into cluster default values;
