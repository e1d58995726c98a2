-- By the first of the runs of one request: what a later run finds set since then is not its to undo.
alter table idempotency add column first_at timestamptz not null default now();
