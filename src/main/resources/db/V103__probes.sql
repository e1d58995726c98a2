-- When an endpoint that fails, and that nothing else was due for, was last tried.
alter table webhook_endpoint add column probed_at timestamptz;
