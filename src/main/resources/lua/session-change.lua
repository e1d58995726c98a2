-- One change of one user's sessions, and whatever follows from it for the user's devices.
--
-- A device flag is announced while it was last told to be online. Every call compares the sessions with what is
-- announced, whatever its verb: a flag with sessions that is not announced comes online. One that this call took the
-- last session of goes offline, and that at once or, if a grace is given, when it has stayed so until the end of a hold.
-- An announced flag that lost its sessions otherwise may live on a node that has not said so: only who asked them all,
-- with "settle mend" or "adopt", ends it.
--
-- An edge is written down here and stays until it is in the event log, so that whoever works on the user next records
-- it if its node does not live to. Nothing is changed for a node whose lease has ended: others may be sweeping it.
--
-- KEYS  1 sessions: id -> "flag master node deviceId"
--       2 presence: "version", and for each announced flag f, "f" -> "session from last due gone node reason": the session
--         that brought it online; of a device that flaps, when that began and when it last came back; of a hold, when it
--         ends (0: none), when the last session went, from which node and why
--       3 edges: "version:online:flag:session:node:reason:at:since:flag=count,…" by version; at 0 a mark that somebody is
--         seeing to those that waited for too long, which goes with them
--       4 told: an answer that must not be lost, as "operation answer"
--       5 gone: ids of sessions that were kicked or replaced: their node may not have heard, and believe they live
-- ARGV  1 asking node, 2 end of its lease, 3 operation, 4 newest of the user's edges that the asking node has,
--       5 a version that every new one must exceed, 6 grace, 7 longest hold, 8 reason of what ends, 9 verb and its arguments:
--       open id flag master deviceId | end id ("undo" id: whatever its operation did before) | kick flag (-1: all) [id] |
--       lost node | settle ["mend" patience: whoever asks has asked the others, and counts what this mends; older edges waited for too long] | align (id flag master deviceId)*: these and no others are on the asking node |
--       claim (id flag master deviceId)*: these are, others may be |
--       adopt version seen flag*: what is announced, if it differs, was last told like this; seen: the version when that was
--         compared, for nothing is adopted after a change
-- Answers "operation verb version wait cancelled added moved changed", wait being the time until the next hold ends (-1:
--       there is none), cancelled the holds that a return ended, added and moved the sessions that were added or taken from another node, with "adopt" the flags that were announced or not, changed
--       whether this call, and not one before it, changed anything; then
--       "-id:flag:how" for each removed session (0: with a word to its client, 1: without, 2: as 0, since the user has too
--       many of the flag), "+edge" for each edge that the asking node has not, oldest first.
-- Times are in milliseconds of Redis' clock.
local node, op, verb, arg = ARGV[1], ARGV[3], ARGV[9], ARGV[10]
local grace, longest = tonumber(ARGV[6]), tonumber(ARGV[7])
local ANSWER_KEPT = 600000
local VERSION_KEPT = 86400000
local GONE_KEPT = 86400000
-- Sessions of a user and flag: every change reads all of them, and every append names them.
local MOST = 64

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now >= tonumber(ARGV[2]) then
  return redis.error_reply('LAPSED the lease of node ' .. node .. ' has ended')
end

-- Only an answer that names sockets to close, or that rules an operation out, cannot be found out once more.
local remembers = verb == 'open' or verb == 'kick' or verb == 'undo'
if remembers then
  local told = redis.call('GET', KEYS[4])
  if told and string.match(told, '^%S+') == op then
    return told
  end
end

local function text(number)
  return string.format('%.0f', number)
end

local answer, added, moved = {}, 0, 0
local counts, lowest, gone = {}, {}, {}

local function put(id, flag, master, device)
  redis.call('HSET', KEYS[1], id, table.concat({ flag, master, node, device }, ' '))
end

local function count(id, flag)
  counts[flag] = (counts[flag] or 0) + 1
  if not lowest[flag] or tonumber(id) < tonumber(lowest[flag]) then
    lowest[flag] = id
  end
end

local aligned = {}
if verb == 'align' or verb == 'claim' then
  for i = 10, #ARGV, 4 do
    aligned[ARGV[i]] = { ARGV[i + 1], ARGV[i + 2], ARGV[i + 3] }
  end
end

local sessions = redis.call('HGETALL', KEYS[1])
local known, excess = false, 1 - MOST
if verb == 'open' then
  for i = 1, #sessions, 2 do
    known = known or sessions[i] == arg
    local flag, device = string.match(sessions[i + 1], '^(%d+) %d %S+ (.*)$')
    excess = excess + ((flag == ARGV[11] and device ~= ARGV[13]) and 1 or 0)
  end
end
for i = 1, #sessions, 2 do
  local id = sessions[i]
  local flag, holder, device = string.match(sessions[i + 1], '^(%d+) %d (%S+) (.*)$')
  local goes
  local how = '0'
  if verb == 'open' then
    goes = not known and flag == ARGV[11] and (ARGV[12] == '1' or device == ARGV[13])
    if goes and device == ARGV[13] then
      how = '1'
    elseif not goes and not known and flag == ARGV[11] and excess > 0 then
      -- The oldest come first: Redis keeps so few entries in the order in which they came.
      goes, how, excess = true, '2', excess - 1
    end
  elseif verb == 'end' or verb == 'undo' then
    goes = id == arg
  elseif verb == 'kick' then
    goes = (arg == '-1' or flag == arg) and (not ARGV[11] or id == ARGV[11])
  elseif verb == 'lost' then
    goes = holder == arg
  elseif verb == 'align' then
    goes = holder == node and not aligned[id]
  end
  if goes then
    redis.call('HDEL', KEYS[1], id)
    gone[flag] = holder
    if (verb == 'open' or verb == 'kick') and holder ~= node then
      redis.call('SADD', KEYS[5], id)
      redis.call('PEXPIRE', KEYS[5], GONE_KEPT)
    end
    answer[#answer + 1] = '-' .. id .. ':' .. flag .. ':' .. how
  else
    local mine = aligned[id]
    if mine then
      aligned[id] = nil
      if holder ~= node then
        put(id, mine[1], mine[2], mine[3])
        moved = moved + 1
      end
    end
    count(id, flag)
  end
end
if verb == 'open' and not known then
  put(arg, ARGV[11], ARGV[12], ARGV[13])
  added = added + 1
  count(arg, ARGV[11])
end
for id, mine in pairs(aligned) do
  if redis.call('SISMEMBER', KEYS[5], id) == 1 then
    answer[#answer + 1] = '-' .. id .. ':' .. mine[1] .. ':1'
  else
    put(id, mine[1], mine[2], mine[3])
    added = added + 1
    count(id, mine[1])
  end
end

local version, announced = 0, {}
local presence = redis.call('HGETALL', KEYS[2])
for i = 1, #presence, 2 do
  if presence[i] == 'version' then
    version = tonumber(presence[i + 1])
  else
    local session, from, last, due, went, holder, reason =
      string.match(presence[i + 1], '^(%d+) (%d+) (%d+) (%d+) (%d+) (%S+) (%S+)$')
    announced[presence[i]] = { session = session, from = tonumber(from), last = tonumber(last), due = tonumber(due),
      gone = tonumber(went), node = holder, reason = reason }
  end
end

local function announce(flag, state)
  announced[flag] = state
  redis.call('HSET', KEYS[2], flag, table.concat({ state.session, text(state.from), text(state.last), text(state.due),
    text(state.gone), state.node, state.reason }, ' '))
end

-- As long as edges are on their way to the event log, what was told last is not what it was asked for.
local adopted = false
if verb == 'adopt' and version == tonumber(ARGV[11]) and redis.call('EXISTS', KEYS[3]) == 0 then
  local asTold = {}
  for i = 12, #ARGV do
    asTold[ARGV[i]] = true
    if not announced[ARGV[i]] then
      added = added + 1
      announce(ARGV[i], { session = '0', from = 0, last = 0, due = 0, gone = 0, node = node, reason = '-' })
    end
  end
  for flag in pairs(announced) do
    if not asTold[flag] then
      moved = moved + 1
      announced[flag] = nil
      redis.call('HDEL', KEYS[2], flag)
    end
  end
  adopted = version < tonumber(arg)
  version = math.max(version, tonumber(arg))
end

local flags = {}
for flag in pairs(counts) do
  flags[#flags + 1] = flag
end
for flag in pairs(announced) do
  if not counts[flag] then
    flags[#flags + 1] = flag
  end
end
table.sort(flags, function(a, b) return tonumber(a) < tonumber(b) end)

-- Redis may lose the version but not the time, and where it loses both, the asking node knows what must be exceeded.
local told = 0
local function edge(flag, online, session, holder, reason, since)
  version = math.max(version + 1, now, tonumber(ARGV[5]) + 1)
  told = told + 1
  local devices = {}
  for _, other in ipairs(flags) do
    if announced[other] then
      devices[#devices + 1] = other .. '=' .. (counts[other] or 0)
    end
  end
  redis.call('ZADD', KEYS[3], text(version), table.concat({ text(version), online and 1 or 0, flag, session, holder,
    reason, text(now), text(since), table.concat(devices, ',') }, ':'))
end

local marked = 0
if verb == 'settle' and arg == 'mend' then
  local oldest = redis.call('ZRANGEBYSCORE', KEYS[3], '(0', '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if oldest[2] and now - tonumber(oldest[2]) > tonumber(ARGV[11]) then
    marked = redis.call('ZADD', KEYS[3], 0, 'mended')
  end
end

local cancelled = 0
for _, flag in ipairs(flags) do
  if counts[flag] then
    local state = announced[flag]
    if not state then
      local session = verb == 'open' and flag == ARGV[11] and arg or lowest[flag]
      announce(flag, { session = session, from = 0, last = 0, due = 0, gone = 0, node = node, reason = '-' })
      edge(flag, true, session, node, verb == 'open' and 'connect' or 'reconciled', now)
    elseif state.due > 0 then
      cancelled = cancelled + 1
      state.due, state.last = 0, now
      announce(flag, state)
    end
  end
end

local wait, held = -1, 0
local mends = verb == 'adopt' or verb == 'settle' and arg == 'mend'
for _, flag in ipairs(flags) do
  local state = announced[flag]
  if state and not counts[flag] and (gone[flag] or state.due > 0 or mends) then
    local isNew = state.due == 0
    if isNew then
      -- That nodes stop one after the other is no flapping of the device.
      if state.from == 0 or now - state.last >= grace or ARGV[8] == 'drained' then
        state.from = now
      end
      state.due = math.min(now + grace, math.max(now, state.from + longest))
      state.gone, state.reason = now, ARGV[8]
      state.node = gone[flag] or state.node
    elseif state.gone > now then
      -- The clock was set back since then: the hold begins anew, or it would last as much longer.
      state.due, state.gone = now + state.due - state.gone, now
      announce(flag, state)
    end
    if state.due > now then
      if isNew then
        held = held + 1
        announce(flag, state)
      end
      wait = wait < 0 and state.due - now or math.min(wait, state.due - now)
    else
      announced[flag] = nil
      redis.call('HDEL', KEYS[2], flag)
      edge(flag, false, state.session, state.node, state.reason, state.gone)
    end
  end
end

if told > 0 or adopted then
  redis.call('HSET', KEYS[2], 'version', text(version))
  if next(announced) then
    redis.call('PERSIST', KEYS[2])
  else
    redis.call('PEXPIRE', KEYS[2], VERSION_KEPT)
  end
end

local removed = #answer > 0
local changed = (removed or adopted or added + moved + told + held + marked > 0) and 1 or 0
table.insert(answer, 1,
  table.concat({ op, verb, text(version), text(wait), cancelled, added, moved, changed }, ' '))
for _, unrecorded in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. ARGV[4], '+inf')) do
  answer[#answer + 1] = '+' .. unrecorded
end
local all = table.concat(answer, ' ')
if verb == 'undo' or remembers and removed then
  redis.call('SET', KEYS[4], all, 'PX', ANSWER_KEPT)
end
return all
