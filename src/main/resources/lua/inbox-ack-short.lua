-- Moves one cursor forward, and trims what no known device needs any more.
-- ARGV: epoch, the cursor's field, sequence, lowest command id that may still be appended again, entries that an append
-- looks back for a repeat, and 1 if it is of what was pulled.
-- Returns 1 if it moved the cursor or is the reader's first, else 0.
--
-- Nearly every acknowledgement is a known device's of a list that is too short to be trimmed. That case comes first and
-- alone, since making the functions of the other ones takes as long as it; they follow in inbox-ack.
local LAZY = 32
local new = 'new:' .. ARGV[2]
local state = redis.call('HMGET', KEYS[2], 'epoch', ARGV[2], 'seq', new)
local known, target = tonumber(state[2]), tonumber(ARGV[3])
if state[1] == ARGV[1] and known and not state[4] and not ARGV[6] and redis.call('LLEN', KEYS[1]) < LAZY then
  if target > known then
    local last = redis.call('LINDEX', KEYS[1], -1)
    target = math.min(target, math.max(tonumber(state[3] or 0), tonumber(last and last:match('^%d+') or 0)))
  end
  if target <= known then
    return 0
  end
  redis.call('HSET', KEYS[2], ARGV[2], string.format('%.0f', target))
  return 1
end
