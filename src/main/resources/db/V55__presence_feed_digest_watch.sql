-- The feed of presence reads its own events only, however many messages lie between them.
create index event_of_presence on event (txid, id) where type = 'user.onlinestatus';

-- A bucket of the digest is a range of hashes.
create index user_presence_bucket on user_presence ((md5(uid) collate "C")) where online;

-- Whom a user's clients watch, as the user's back end says.
create table watch_list (
    uid text collate "C" primary key,
    watched text[] not null,
    -- Raised by every change.
    revision bigint not null
);
