-- Uids that may write to everybody and to whom everybody may write; the built-in one is not among them.
create table system_account (
    uid text collate "C" primary key,
    created_at timestamptz not null default now()
);
