-- Merges what PostgreSQL knows into an inbox of which anything may be lost; a repeat changes nothing.
-- ARGV: epoch, lowest sequence to count on from, sequences to skip for each epoch since the inbox was last in order, count
-- of cursors, each with field and sequence, count of marks of readers that lack something, these, then the commands that
-- may be missing in order of their ids (with a coalescing key as id:key).
-- Returns how many were missing, or -1 if the inbox is in order already.
local epoch, base, step = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local marks = 5 + 2 * tonumber(ARGV[4])
local pointers = marks + 1 + tonumber(ARGV[marks])
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'top')
local was = tonumber(state[1] or 0)
if was >= epoch then
  return -1
end

local seq, top = reach(state[2], state[3])
local late = false
if was < epoch - 1 then
  -- Between the epoch of this list and this one the user may have been rebuilt and read: what a device was sent, or has
  -- acknowledged, counts sequences that this list never had.
  redis.call('DEL', KEYS[1])
end

-- A device that PostgreSQL does not know was forgotten since, or has not been told yet that it is known.
local named = {}
for i = 5, marks - 1, 2 do
  named[ARGV[i]] = true
end
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  if field:find('^d%d') and not named[field] then
    redis.call('HDEL', KEYS[2], field, 'new:' .. field)
  elseif field:find('^given:') then
    redis.call('HDEL', KEYS[2], field)
  end
end
for i = 5, marks - 1, 2 do
  local known = redis.call('HGET', KEYS[2], ARGV[i])
  if not known or tonumber(ARGV[i + 1]) > tonumber(known) then
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  end
end
for i = marks + 1, pointers - 1 do
  redis.call('HSET', KEYS[2], ARGV[i], 1)
end

local present, newest = {}, {}
for _, pointer in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local at, id, key = parts(pointer)
  present[id] = true
  newest[key] = math.max(newest[key] or 0, tonumber(id))
  seq, top = math.max(seq, at), math.max(top, tonumber(id))
end

local missing = {}
for i = pointers, #ARGV do
  local id, key = ARGV[i]:match('^(%d+):?(.*)$')
  -- One that coalescing has dropped for a newer one is not missing.
  if not present[id] and (key == '' or (newest[key] or 0) < tonumber(id)) then
    table.insert(missing, ARGV[i])
  end
end

if seq > 0 then
  seq = math.max(seq + step * (epoch - was), base)
else
  seq = base
end
for i, pointer in ipairs(missing) do
  local id = tonumber(pointer:match('^%d+'))
  late = late or id < top
  top = math.max(top, id)
  seq = seq + 1
  missing[i] = string.format('%.0f:%s', seq, pointer)
end
push(missing)
redis.call('HSET', KEYS[2], 'epoch', ARGV[1])
settle(seq, top)
redis.call('HDEL', KEYS[2], 'compact', 'cleared')
if late then
  redis.call('HSET', KEYS[2], 'late', string.format('%.0f', seq))
end
return #missing
