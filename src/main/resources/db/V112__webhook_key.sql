-- Of the key that all nodes seal secrets of endpoints with: the first bytes of its SHA-256, as in what is sealed.
create table webhook_key (
    one boolean primary key default true check (one),
    fingerprint bytea not null
);
