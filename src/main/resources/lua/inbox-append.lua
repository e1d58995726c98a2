-- Appends where it is not simple: the list is long, the command is not new, or takes the place of everything before it.
-- What is not defined here is in inbox-append-new, which comes first.
--
-- An id below the top is a repeat, of a page that is run again after a crash, or a straggler of a long fan-out: only then
-- the list is searched. It suffices to look at the newest: a page is repeated within about a lease, unless its user gets
-- hundreds of commands a second in that time, and inbox-ack trims no entry that a repeat would have to find.
local CHUNK, LOOK, DIGITS = 128, 50, 20

-- Where the command stands; 0 if a newer one with its key is there. A backlog of many channels comes in no order of ids, so
-- this is hot, and searches text: to take each entry apart costs five times as much.
local function position(id, key, look_back)
  local last = -1
  while last >= -look_back do
    local entries = redis.call('LRANGE', KEYS[1], last - CHUNK + 1, last)
    local text = '|' .. table.concat(entries, '|') .. '|'
    local from, to = text:find(':' .. key .. '|', 1, true)
    while from do
      if tonumber(text:sub(math.max(1, from - DIGITS), from - 1):match('%d+$')) > tonumber(id) then
        return 0
      end
      from, to = text:find(':' .. key .. '|', to, true)
    end
    if text:find(':' .. id .. ':', 1, true) or text:find(':' .. id .. '|', 1, true) then
      return tonumber(text:match('|(%d+):' .. id .. '[:|]'))
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

if state[1] ~= ARGV[1] then
  return 'STALE'
end
if not pushed then
  local is_new = tonumber(id) > top
  local known = not is_new and position(id, key, tonumber(ARGV[4]))
  if known then
    return answer(known, 0, 0, -1)
  end
  if ARGV[6] == '1' and tonumber(id) <= tonumber(redis.call('HGET', KEYS[2], 'cleared') or 0) then
    -- It has cleared the list and is gone from it: again it would clear what came after it.
    return answer(0, 0, 0, -1)
  end
  if not is_new then
    redis.call('HSET', KEYS[2], 'top', string.format('%.0f', top), 'late', string.format('%.0f', tail + 1))
  end
  if ARGV[6] == '1' then
    settle(tail, top)
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[2], 'resync', string.format('%.0f', tail + 1), 'cleared', id)
  end
  pushed = push_new()
end

local length, resync = pushed, -1
local look = pushed > bound and (pushed - bound) % LOOK == 1
if look or pushed > tonumber(state[4] or SHORT) then
  length = compact()
end
if look and length > bound and is_over(bound, tail + 1) then
  resync = tonumber(redis.call('HGET', KEYS[2], 'resync') or 0)
end
return answer(tail + 1, length, pushed - length, resync)
