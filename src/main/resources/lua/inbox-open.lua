-- Makes a device known.
-- ARGV: epoch, the device's field.
-- Returns, parted by blanks: its cursor; 0 if it was known before, 1 if it begins with all that waits, 2 if it begins at
-- the tail; the tail.
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', ARGV[2])
if state[1] ~= ARGV[1] then
  return 'STALE'
end
local tail = string.format('%.0f', reach(state[2]))
if state[3] then
  return state[3] .. ' 0 ' .. tail
end

-- The first device receives everything that waits, but for what a back end has pulled and acknowledged; a further one
-- has no claim to what was before it.
local lowest, pull = readers()
local start = lowest and tail or string.format('%.0f', pull or 0)
redis.call('HSET', KEYS[2], ARGV[2], start)
return start .. (lowest and ' 2 ' or ' 1 ') .. tail
