-- Makes a device known.
-- ARGV: epoch, the device's field.
-- Returns, parted by blanks: its cursor; 0 if it was known before, 1 if it begins with all that was ever there, 2 if it
-- lacks some of that, 3 if that is so since before and it has not acknowledged anything yet; the tail.
local new = 'new:' .. ARGV[2]
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', ARGV[2], new, 'cut')
if state[1] ~= ARGV[1] then
  return 'STALE'
end
local tail = string.format('%.0f', reach(state[2]))
if state[3] then
  return state[3] .. (state[4] and ' 3 ' or ' 0 ') .. tail
end

-- The first device receives everything that waits, but for what a back end has pulled and acknowledged; a further one
-- has no claim to what was before it.
local lowest, pull = readers()
local start = lowest and tail or string.format('%.0f', pull or 0)
redis.call('HSET', KEYS[2], ARGV[2], start)
if not lowest and not state[5] then
  return start .. ' 1 ' .. tail
end
redis.call('HSET', KEYS[2], new, 1)
redis.call('HDEL', KEYS[2], 'cut', 'given:' .. ARGV[2])
return start .. ' 2 ' .. tail
