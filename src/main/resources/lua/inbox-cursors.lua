-- Looks where not all readers are at the tail. What is not defined here is in inbox-cursors-tail, which comes first.
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

reply = string.format('%.0f', tail)
for _, cursor in ipairs(cursors) do
  reply = string.format(
    '%s %s %s %s %.0f', reply, cursor[1], cursor[2], fresh[cursor[1]] or '0', lowest_above(tonumber(cursor[2])))
end
return reply
