-- Up to a limit of entries above a sequence, in order; of several with the same coalescing key only the newest.
-- ARGV: epoch, sequence, limit.
-- Returns the tail, then the pointers, with blanks between.
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq')
if state[1] ~= ARGV[1] then
  return 'STALE'
end
local tail, limit = reach(state[2]), tonumber(ARGV[3])
local from = index_above(tonumber(ARGV[2]), tail)
local entries = redis.call('LRANGE', KEYS[1], from, from + limit - 1)

local has, hidden = {}, {}
for _, pointer in ipairs(entries) do
  if pointer:find(':', pointer:find(':', 1, true) + 1, true) then
    -- Whether a newer one has its key only the rest of the list tells.
    entries = redis.call('LRANGE', KEYS[1], from, -1)
    break
  end
end
for i = #entries, 1, -1 do
  local _, _, key = parts(entries[i])
  hidden[i] = key ~= '' and has[key]
  has[key] = true
end

local reply = {string.format('%.0f', tail)}
for i, pointer in ipairs(entries) do
  if #reply > limit then
    break
  elseif not hidden[i] then
    reply[#reply + 1] = pointer
  end
end
return table.concat(reply, ' ')
