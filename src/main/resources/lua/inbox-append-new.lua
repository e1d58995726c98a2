-- Appends a pointer to a command, unless the inbox has it already.
-- ARGV: epoch, command id, coalescing key or nothing, entries to look back for a repeat, most unread entries,
-- 1 if the command takes the place of everything before it.
-- Returns, with blanks between: where the command stands (0: nowhere, a newer one with its key does), the entries of the
-- list and those that coalescing dropped (0 of a repeat), the sequence of the last resync if the inbox is too long (-1 if
-- it is not), then the ids of the user's sessions.
--
-- Nearly every append is of a new command to a short list. That case comes first and alone, since making the functions of
-- the other ones takes longer than it; they follow in inbox-append.
local SHORT = 64
local id, key, bound = ARGV[2], ARGV[3], tonumber(ARGV[5])

-- Command ids mostly come in rising order, so one above all earlier ones ("top") is new without a look.
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'top', 'compact')
local last = redis.call('LINDEX', KEYS[1], -1)
local tail, top = tonumber(state[2] or 0), tonumber(state[3] or 0)
if last then
  local at, newest = last:match('^(%d+):(%d+)')
  tail, top = math.max(tail, tonumber(at)), math.max(top, tonumber(newest))
end

local function push_new()
  return redis.call('RPUSH', KEYS[1], string.format('%.0f:%s%s%s', tail + 1, id, key ~= '' and ':' or '', key))
end

local function answer(seq, length, dropped, resync)
  local sessions = redis.call('HKEYS', KEYS[3])
  local blank = sessions[1] and ' ' or ''
  return string.format('%.0f %d %d %.0f', seq, length, dropped, resync) .. blank .. table.concat(sessions, ' ')
end

local threshold, pushed = math.min(bound, tonumber(state[4] or SHORT)), nil
if state[1] == ARGV[1] and ARGV[6] == '0' and tonumber(id) > top then
  pushed = push_new()
  if pushed <= threshold then
    return answer(tail + 1, pushed, 0, -1)
  end
end
