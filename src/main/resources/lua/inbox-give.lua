-- Notes how far a pull, or a session that has ended, was given entries, unless its reader has begun to lack something since, which it was not told.
-- ARGV: epoch, the cursor's field, sequence, 1 if the reader was told with them that it lacks something.
local given = 'given:' .. ARGV[2]
local state = redis.call('HMGET', KEYS[2], 'epoch', given, 'new:' .. ARGV[2])
if state[1] ~= ARGV[1] then
  return 'STALE'
end
if tonumber(ARGV[3]) >= tonumber(state[2] or 0) and (not state[3] or ARGV[4] == '1') then
  redis.call('HSET', KEYS[2], given, ARGV[3])
end
return 0
