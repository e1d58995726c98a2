-- Appends a pointer to a command, unless the inbox has it already.
-- KEYS: inbox, cursors, sessions. ARGV: command id, entries to look back for a repeat.
-- Returns where the command stands, then the incarnations of the nodes that hold sessions of the user.
--
-- Command ids mostly come in rising order, so one above all earlier ones ("top") is new without a look. A lower one is
-- a repeat, of a page that is run again after a crash, or a straggler of a long fan-out: only then the list is
-- searched. It suffices to look at the newest: a page is repeated within about a lease, unless its user gets hundreds of
-- commands a second in that time, and inbox-ack trims no entry that a repeat would have to find.
local CHUNK = 128

local function position(id, look_back)
  local last = -1
  while last >= -look_back do
    local entries = redis.call('LRANGE', KEYS[1], last - CHUNK + 1, last)
    for i = #entries, 1, -1 do
      local seq, known = entries[i]:match('^(%d+):(%d+)')
      if known == id then
        return tonumber(seq)
      end
    end
    if #entries < CHUNK then
      return nil
    end
    last = last - CHUNK
  end
  return nil
end

local id = ARGV[1]
local state = redis.call('HMGET', KEYS[2], 'seq', 'top')
local top = tonumber(state[2] or 0)
local isNew = tonumber(id) > top
local seq = not isNew and position(id, tonumber(ARGV[2]))
if not seq then
  seq = tonumber(state[1] or 0) + 1
  redis.call('HSET', KEYS[2], 'seq', seq, 'top', isNew and id or state[2])
  redis.call('RPUSH', KEYS[1], string.format('%.0f:%s', seq, id))
end

local reply, seen = {seq}, {}
for _, session in ipairs(redis.call('HKEYS', KEYS[3])) do
  local incarnation = math.floor(tonumber(session) / 4294967296)
  if not seen[incarnation] then
    seen[incarnation] = true
    reply[#reply + 1] = incarnation
  end
end
return reply
