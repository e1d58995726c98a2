-- Notes how far a pull was given entries.
-- ARGV: epoch, the cursor's field, sequence.
local given = 'given:' .. ARGV[2]
local state = redis.call('HMGET', KEYS[2], 'epoch', given)
if state[1] ~= ARGV[1] then
  return 'STALE'
end
if tonumber(ARGV[3]) >= tonumber(state[2] or 0) then
  redis.call('HSET', KEYS[2], given, ARGV[3])
end
return 0
