-- A message that comes in parts, or that something happened to. The row is held while an event is added, so that their
-- sequence has no gaps; it goes with its message, and its events with it.
create table message_stream (
    message_id bigint primary key,
    channel bigint not null,
    message_seq bigint not null,
    -- Sequence of the newest event.
    last_seq integer not null,
    -- Of all payloads that ever came: what is kept is not more.
    bytes bigint not null,
    -- Keys that take nothing more.
    ended text[] not null,
    unique (channel, message_seq),
    foreign key (channel, message_seq) references message on delete cascade
);

create table message_event (
    message_id bigint not null references message_stream on delete cascade,
    seq integer not null,
    event_key text collate "C" not null,
    event_id text collate "C" not null,
    event_type text not null,
    visibility text not null,
    -- Milliseconds since 1970, by the clock of the back end.
    occurred_at bigint not null,
    -- JSON as it came, empty for none.
    payload text not null,
    primary key (message_id, seq)
);
create unique index message_event_id on message_event (message_id, event_key, event_id);

-- An event may name its message by the number alone.
create index message_stream_number on message (client_msg_no) where (setting & 2) <> 0;
