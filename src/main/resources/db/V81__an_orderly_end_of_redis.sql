-- The nodes that may write inboxes in this Redis, and the word that the last of them left there after all its writes: a
-- Redis that is another process and has that word has lost nothing. Whoever writes again takes the word away first.
alter table redis_epoch
    add column writers bigint[] not null default '{}',
    add column last_word text,
    add column begun_at timestamptz not null default now();
