-- Moves one cursor forward, and trims what no known device needs any more.
-- ARGV: epoch, the cursor's field, sequence, lowest command id that may still be appended again, entries that an append
-- looks back for a repeat.
-- Returns 2 if this made the cursor known, 1 if it moved it or is the reader's first, else 0.
--
-- Nearly every acknowledgement is a known device's of a list that is too short to be trimmed. That case comes first and
-- alone, since making the functions of the other ones takes as long as it; they follow in inbox-ack.
local LAZY = 32
local new = 'new:' .. ARGV[2]
local state = redis.call('HMGET', KEYS[2], 'epoch', ARGV[2], 'seq', new)
local known, change = tonumber(state[2]), state[4] and 1 or 0
if state[1] == ARGV[1] and state[4] then
  redis.call('HDEL', KEYS[2], new)
end
if state[1] == ARGV[1] and known and ARGV[2] ~= 'pull' and redis.call('LLEN', KEYS[1]) < LAZY then
  local target = tonumber(ARGV[3])
  if target > known then
    local last = redis.call('LINDEX', KEYS[1], -1)
    target = math.min(target, math.max(tonumber(state[3] or 0), tonumber(last and last:match('^%d+') or 0)))
  end
  if target <= known then
    return change
  end
  redis.call('HSET', KEYS[2], ARGV[2], string.format('%.0f', target))
  return 1
end
