-- Makes a device known and returns its cursor.
-- KEYS: inbox, cursors. ARGV: the device's field.
local cursor = redis.call('HGET', KEYS[2], ARGV[1])
if cursor then
  return tonumber(cursor)
end

local start
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  if field:sub(1, 1) == 'd' then
    -- A further device has no claim to what was before it.
    start = tonumber(redis.call('HGET', KEYS[2], 'seq') or 0)
    break
  end
end
if not start then
  -- The first device receives everything that waits, but for what a back end has pulled and acknowledged.
  start = tonumber(redis.call('HGET', KEYS[2], 'pull') or 0)
end
redis.call('HSET', KEYS[2], ARGV[1], start)
return start
