-- The number of the last event that a request carried, whose name tells only the first; null of requests from before.
alter table webhook_attempt add column last_event bigint;
