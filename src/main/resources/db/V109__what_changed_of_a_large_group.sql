-- When a membership ended: who has read the members before it reads what changed since, so it stays for a while.
alter table member add column closed_at timestamptz;
-- By the revision of its last change; an expression, so that no other index seems as good while there are few.
create index member_changed on member (channel, (coalesce(until, since)));

-- A visitor is a member of its channel from its beginning; of those that there are, from now on.
insert into member (channel, uid, since, read_seq, active_at)
    select pk, visitor, revision, last_seq, now()
    from (
        select *, case channel_type when 10 then channel_id else split_part(channel_id, '|', 1) end as visitor
        from channel where channel_type = 10 or (channel_type = 3 and channel_id like '%|%')) c
    where visitor !~ '^\s*$|[@#&[:cntrl:]]' and octet_length(visitor) <= 255 and visitor <> '____system'
    on conflict do nothing;
-- So are, again, the two sides of a channel with an agent: nobody takes them out any more.
insert into member (channel, uid, since, read_seq, active_at)
    select distinct c.pk, side, c.revision, c.last_seq, now()
    from channel c, unnest(string_to_array(c.channel_id, '@')) side
    where c.channel_type = 11 and c.channel_id like '%@%' and side not in ('', '____system')
    on conflict do nothing;
