-- Appends a pointer to a command, unless the inbox has it already.
-- ARGV: epoch, command id, coalescing key or nothing, entries to look back for a repeat, most unread entries,
-- 1 if the command takes the place of everything before it.
-- Returns where the command stands (0: nowhere, a newer one with its key does), the entries of the list and those that
-- coalescing dropped (0 of a repeat), the sequence of the last resync if the inbox is too long (-1 if it is not), then
-- the incarnations of the nodes that hold sessions of the user.
--
-- Command ids mostly come in rising order, so one above all earlier ones ("top") is new without a look. A lower one is
-- a repeat, of a page that is run again after a crash, or a straggler of a long fan-out: only then the list is
-- searched. It suffices to look at the newest: a page is repeated within about a lease, unless its user gets hundreds of
-- commands a second in that time, and inbox-ack trims no entry that a repeat would have to find.
local CHUNK, SHORT, LOOK = 128, 64, 50

local function position(id, key, look_back)
  local last = -1
  while last >= -look_back do
    local entries = redis.call('LRANGE', KEYS[1], last - CHUNK + 1, last)
    for i = #entries, 1, -1 do
      local seq, known, other = parts(entries[i])
      if known == id then
        return seq
      elseif key ~= '' and other == key and tonumber(known) > tonumber(id) then
        return 0
      end
    end
    if #entries < CHUNK then
      return nil
    end
    last = last - CHUNK
  end
  return nil
end

-- Keeps the newest entry of each key; the entries left.
local function compact()
  local entries = redis.call('LRANGE', KEYS[1], 0, -1)
  local kept, has = {}, {}
  for i = #entries, 1, -1 do
    local _, _, key = parts(entries[i])
    if key == '' or not has[key] then
      has[key] = true
      table.insert(kept, entries[i])
    end
  end
  if #kept < #entries then
    for i = 1, math.floor(#kept / 2) do
      kept[i], kept[#kept + 1 - i] = kept[#kept + 1 - i], kept[i]
    end
    redis.call('DEL', KEYS[1])
    push(kept)
  end
  redis.call('HSET', KEYS[2], 'compact', math.max(SHORT, 2 * #kept))
  return #kept
end

local function is_over(bound, tail)
  local index, length = index_above(passed(), tail)
  return length - index > bound
end

local id, key, bound = ARGV[2], ARGV[3], tonumber(ARGV[5])
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'top', 'compact')
if state[1] ~= ARGV[1] then
  return 'STALE'
end
local top = tonumber(state[3] or 0)
local is_new = tonumber(id) > top
local seq = not is_new and position(id, key, tonumber(ARGV[4]))
local length, dropped, resync = 0, 0, -1
if not seq then
  seq = tonumber(state[2] or 0) + 1
  redis.call('HSET', KEYS[2], 'seq', seq, is_new and 'top' or 'late', is_new and id or seq)
  if ARGV[6] == '1' then
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[2], 'resync', seq)
  end
  local pushed = redis.call('RPUSH', KEYS[1], string.format('%.0f:%s%s%s', seq, id, key ~= '' and ':' or '', key))
  local look = pushed > bound and (pushed - bound) % LOOK == 1
  length = pushed
  if look or pushed > tonumber(state[4] or SHORT) then
    length = compact()
    dropped = pushed - length
  end
  if look and length > bound and is_over(bound, seq) then
    resync = tonumber(redis.call('HGET', KEYS[2], 'resync') or 0)
  end
end

local reply, seen = {seq, length, dropped, resync}, {}
for _, session in ipairs(redis.call('HKEYS', KEYS[3])) do
  local incarnation = math.floor(tonumber(session) / 4294967296)
  if not seen[incarnation] then
    seen[incarnation] = true
    reply[#reply + 1] = incarnation
  end
end
return reply
