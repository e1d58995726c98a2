-- Moves one cursor forward, and trims what no known device needs any more.
-- ARGV: epoch, the cursor's field, sequence, lowest command id that may still be appended again, entries that an append
-- looks back for a repeat.
-- Returns 2 if this made the cursor known, 1 if it moved it or is the reader's first, else 0.
--
-- Nearly every acknowledgement is a known device's of a list that is too short to be trimmed. That case comes first and
-- alone, since making the functions of the other ones takes as long as it; they follow in inbox-ack.
local LAZY = 32
local new = 'new:' .. ARGV[2]
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'top', ARGV[2], new)
if state[1] == ARGV[1] and state[5] then
  redis.call('HDEL', KEYS[2], new)
end
if state[1] == ARGV[1] and state[4] and ARGV[2] ~= 'pull' and not redis.call('LINDEX', KEYS[1], LAZY - 1) then
  local last = redis.call('LINDEX', KEYS[1], -1)
  local tail = math.max(tonumber(state[2] or 0), tonumber(last and last:match('^%d+') or 0))
  local target = math.min(tonumber(ARGV[3]), tail)
  if target <= tonumber(state[4]) then
    return state[5] and 1 or 0
  end
  redis.call('HSET', KEYS[2], ARGV[2], target)
  return 1
end
