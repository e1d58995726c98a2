-- A user's conversations are its memberships: what is unread is told by the channel's last sequence and by these numbers,
-- so a message writes no row per member.
alter table member
    -- All up to here is read: said by the user, or the channel's last sequence when the user joined.
    add column read_seq bigint not null default 0,
    -- The last message that the user sent.
    add column sent_seq bigint not null default 0,
    -- All up to here is hidden from the user.
    add column deleted_seq bigint not null default 0,
    -- By what the user's conversations are found, the newest first; null if this is none. At most a day behind the
    -- channel's last_at, or the channel's spread_due is set.
    add column active_at timestamptz;
-- Room for new numbers in the page of the old ones: then no index has to know of them.
alter table member set (fillfactor = 85);

alter table channel
    -- When the newest message was stored, and, not exactly, the oldest that is left.
    add column last_at timestamptz,
    add column first_at timestamptz,
    -- The last_at that the members' active_at was last raised to …
    add column spread_at timestamptz not null default now(),
    -- … and whether that is over a day behind: the sweep raises it.
    add column spread_due boolean not null default false;
create index channel_spread_due on channel (pk) where spread_due;
create index channel_first_at on channel (channel_type, first_at) where first_at is not null;

update channel c set
    last_at = (select created_at from message m where m.channel = c.pk order by seq desc limit 1),
    first_at = (select created_at from message m where m.channel = c.pk order by seq limit 1);
update member m set active_at = now()
    from channel c where c.pk = m.channel and m.until is null and c.channel_type <> 9;
-- The two sides of a person channel are its members from the beginning.
insert into member (channel, uid, since, active_at)
    select distinct c.pk, side, 0, now()
    from channel c, unnest(string_to_array(c.channel_id, '@')) side
    where c.channel_type in (1, 11) and c.channel_id like '%@%' and side not in ('', '____system')
    on conflict do nothing;

drop index member_of_uid;
create index member_of_uid on member (uid, active_at desc nulls last);

alter table message
    -- When it disappears; null: never.
    add column expires_at timestamptz,
    add constraint message_payload_size check (octet_length(payload) <= 716800);
update message set expires_at = created_at + expire * interval '1 second' where expire > 0;
create index message_expires on message (expires_at) where expires_at is not null;

-- The number first: it finds a message without its sender, too. Compared byte by byte, which is what equality needs.
drop index message_client_msg_no;
alter table message
    alter column from_uid type text collate "C",
    alter column client_msg_no type text collate "C";
create unique index message_client_msg_no on message (channel, client_msg_no, from_uid);
