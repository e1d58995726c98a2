-- Up to a limit of entries above a sequence, in order.
-- KEYS: inbox, cursors. ARGV: sequence, limit.
-- Returns the tail, then the pointers.
local after, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local tail = tonumber(redis.call('HGET', KEYS[2], 'seq') or 0)
local length = redis.call('LLEN', KEYS[1])

local function above(index)
  return tonumber(redis.call('LINDEX', KEYS[1], index):match('^%d+')) > after
end

-- Sequences rise by at least one from entry to entry: that bounds the place from below; without gaps it is the place.
local low, high = math.max(0, length - math.max(0, tail - after)), length
if low < high and above(low) then
  high = low
end
while low < high do
  local middle = math.floor((low + high) / 2)
  if above(middle) then
    high = middle
  else
    low = middle + 1
  end
end

local reply = redis.call('LRANGE', KEYS[1], low, low + limit - 1)
table.insert(reply, 1, tail)
return reply
