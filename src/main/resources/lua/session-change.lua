-- One change of one user's sessions, carried out once: the answer is kept, and a repeat of the operation gets it again.
--
-- An edge is written down here and stays until it is in the event log, so that whoever works on the user next records
-- it if its node does not live to. Nothing is changed for a node whose lease has ended: others may be sweeping it.
--
-- A flag's time online is named by the id of its first session, also where others outlived that: the receiver of the
-- events finds the offline that belongs to an online.
--
-- KEYS  1 sessions: id -> "flag master node first deviceId"
--       2 presence: "version", "since" (when the user came online or went offline)
--       3 edges: "version:scope:online:flag:first:node:reason:since:at:flag=count,…" by version
--       4 told: the last answer that the asking node was given
-- ARGV  1 asking node, 2 end of its lease, 3 operation, 4 reason of what ends, 5 newest of the user's edges that the
--       asking node has, 6 verb and its arguments:
--       open id flag master deviceId | end id | kick flag (-1: every flag) | lost node |
--       recorded version (the edges up to it are in the event log)
-- Answers "operation verb version left", left being the asking node's sessions of the user after the change, and then
--       "-id:flag:silent" for each removed session, "+edge" for each edge that the asking node has not, oldest first.
-- Times are in milliseconds of Redis' clock.
local node, op, verb, arg = ARGV[1], ARGV[3], ARGV[6], ARGV[7]
local ANSWER_KEPT = 600000
local VERSION_KEPT = 86400000

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now >= tonumber(ARGV[2]) then
  return redis.error_reply('LAPSED the lease of node ' .. node .. ' has ended')
end

local told = redis.call('GET', KEYS[4])
if told and string.match(told, '^%S+') == op then
  return told
end

if verb == 'recorded' then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', arg)
end

local function goes(id, flag, holder, device)
  if verb == 'open' then
    return flag == ARGV[8] and (ARGV[9] == '1' or device == ARGV[10])
  elseif verb == 'end' then
    return id == arg
  elseif verb == 'kick' then
    return arg == '-1' or flag == arg
  end
  return verb == 'lost' and holder == arg
end

local before, delta, first, causer, flags = {}, {}, {}, {}, {}
local total, left, answer = 0, 0, {}

local function changed(flag, by)
  if not delta[flag] then
    flags[#flags + 1] = flag
  end
  delta[flag] = (delta[flag] or 0) + by
end

local known = verb == 'open' and redis.call('HEXISTS', KEYS[1], arg) == 1
local sessions = redis.call('HGETALL', KEYS[1])
for i = 1, #sessions, 2 do
  local id = sessions[i]
  local flag, holder, named, device = string.match(sessions[i + 1], '^(%d+) %d (%S+) (%d+) (.*)$')
  first[flag] = named
  before[flag] = (before[flag] or 0) + 1
  total = total + 1
  if not known and goes(id, flag, holder, device) then
    redis.call('HDEL', KEYS[1], id)
    changed(flag, -1)
    causer[flag] = holder
    local silent = verb == 'open' and device == ARGV[10]
    answer[#answer + 1] = '-' .. id .. ':' .. flag .. ':' .. (silent and '1' or '0')
  elseif holder == node then
    left = left + 1
  end
end
if verb == 'open' and not known then
  local flag = ARGV[8]
  first[flag] = first[flag] or arg
  redis.call('HSET', KEYS[1], arg, table.concat({ flag, ARGV[9], node, first[flag], ARGV[10] }, ' '))
  changed(flag, 1)
  causer[flag] = node
  left = left + 1
end

-- Redis may lose the version but not the time: it grows all the same.
local version = tonumber(redis.call('HGET', KEYS[2], 'version') or '0')
if #flags > 0 then
  version = math.max(version, now - 1)
end
table.sort(flags, function(a, b) return tonumber(a) < tonumber(b) end)
local counts = {}
local function devices()
  local words = {}
  for flag, count in pairs(counts) do
    if count > 0 then
      words[#words + 1] = flag .. '=' .. count
    end
  end
  return table.concat(words, ',')
end
for flag, count in pairs(before) do
  counts[flag] = count
end
local since = redis.call('HGET', KEYS[2], 'since') or string.format('%.0f', now)
for _, flag in ipairs(flags) do
  local was = before[flag] or 0
  local count = was + delta[flag]
  total = total + delta[flag]
  counts[flag] = count
  version = version + 1
  if (was == 0) ~= (count == 0) then
    local online = count > 0
    local stamp = string.format('%.0f', version)
    local user = total == 0 or online and total == count
    if user then
      since = string.format('%.0f', now)
    end
    local edge = { stamp, user and 'u' or 'd', online and 1 or 0, flag, first[flag], causer[flag] or node,
      online and 'connect' or ARGV[4], since, string.format('%.0f', now), devices() }
    redis.call('ZADD', KEYS[3], stamp, table.concat(edge, ':'))
  end
end
if #flags > 0 then
  redis.call('HSET', KEYS[2], 'version', string.format('%.0f', version), 'since', since)
  redis.call('PEXPIRE', KEYS[2], VERSION_KEPT)
end

table.insert(answer, 1, table.concat({ op, verb, string.format('%.0f', version), left }, ' '))
if verb == 'recorded' then
  return answer[1]
end
for _, edge in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. ARGV[5], '+inf')) do
  answer[#answer + 1] = '+' .. edge
end
local text = table.concat(answer, ' ')
redis.call('SET', KEYS[4], text, 'PX', ANSWER_KEPT)
return text
