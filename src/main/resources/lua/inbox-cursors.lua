-- Where the readers of an inbox are.
-- ARGV: epoch.
-- Returns, with blanks between: the tail, then of each cursor its field, its sequence, and the lowest command id above it
-- (0: nothing is).
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'late')
if state[1] ~= ARGV[1] then
  return 'STALE'
end
local tail, late = reach(state[2]), tonumber(state[3] or 0)

local function lowest_above(cursor)
  local index, length = index_above(cursor, tail)
  if index == length then
    return 0
  end
  local lowest
  -- Ids rise from entry to entry where no straggler came.
  for _, pointer in ipairs(redis.call('LRANGE', KEYS[1], index, late > cursor and -1 or index)) do
    local _, id = parts(pointer)
    lowest = math.min(lowest or tonumber(id), tonumber(id))
  end
  return lowest
end

local reply = {string.format('%.0f', tail)}
local fields = redis.call('HGETALL', KEYS[2])
for i = 1, #fields, 2 do
  if fields[i] == 'pull' or fields[i]:find('^d%d') then
    local lowest = lowest_above(tonumber(fields[i + 1]))
    table.insert(reply, string.format('%s %s %.0f', fields[i], fields[i + 1], lowest))
  end
end
return table.concat(reply, ' ')
