-- Where the readers of an inbox are.
-- ARGV: epoch.
-- Returns, with blanks between: the tail, then of each cursor its field, its sequence, 1 if its reader lacks something (else
-- 0), and the lowest command id above it (0: nothing is).
--
-- Nearly always all of them are at the tail. That case comes first and alone, since making the functions of the other one
-- takes longer than it; they follow in inbox-cursors.
local fields = redis.call('HGETALL', KEYS[2])
local last = redis.call('LINDEX', KEYS[1], -1)
local epoch, late, cursors, fresh = nil, 0, {}, {}
local tail = tonumber(last and last:match('^%d+') or 0)
for i = 1, #fields, 2 do
  local name, value = fields[i], fields[i + 1]
  if name == 'epoch' then
    epoch = value
  elseif name == 'seq' then
    tail = math.max(tail, tonumber(value))
  elseif name == 'late' then
    late = tonumber(value)
  elseif name == 'pull' or name:find('^d%d') then
    cursors[#cursors + 1] = {name, value}
  elseif name:find('^new:') then
    fresh[name:sub(5)] = '1'
  end
end
if epoch ~= ARGV[1] then
  return 'STALE'
end

local reply, is_behind = string.format('%.0f', tail), false
for _, cursor in ipairs(cursors) do
  reply = string.format('%s %s %s %s 0', reply, cursor[1], cursor[2], fresh[cursor[1]] or '0')
  is_behind = is_behind or tonumber(cursor[2]) < tail
end
if not is_behind then
  return reply
end
