-- What ends is noted in the index right away: in the list of what is to be added later, up to 4 MiB, each rebuild of each
-- inbox would have to look through all.
alter index cmd_of_uids set (fastupdate = off);
select gin_clean_pending_list('cmd_of_uids');

-- Of a device that was first stored with another's acknowledgement nothing told when it had come, and it was never forgotten.
update device_cursor set seen_at = now() where seen_at is null;
