-- One change of one user's sessions, carried out once: the answer is kept, and a repeat of the operation gets it again.
--
-- A flag's time online is named by the id of its first session, also where others outlived that: the receiver of the
-- events finds the offline that belongs to an online.
--
-- KEYS  1 sessions: id -> "flag master connectedAt first deviceId"
--       2 presence: "version", and under each node's incarnation the last answer that it was given
-- ARGV  1 incarnation of the asking node, 2 operation, 3 verb and its arguments:
--       open id flag master connectedAt deviceId | end id | kick flag (-1: every flag) | lost incarnation
-- Answers "operation verb version left", left being the asking node's sessions of the user after the change, and then
--       "-id:flag:silent" for each removed session, "=flag:count:total:version:edge:first" for each changed flag.
local node, op, verb = ARGV[1], ARGV[2], ARGV[3]

local told = redis.call('HGET', KEYS[2], node)
if told and string.match(told, '^%S+') == op then
  return told
end

local function incarnation(id)
  return math.floor(tonumber(id) / 4294967296)
end

local function goes(id, flag, device)
  if verb == 'open' then
    return flag == ARGV[5] and (ARGV[6] == '1' or device == ARGV[8])
  elseif verb == 'end' then
    return id == ARGV[4]
  elseif verb == 'kick' then
    return ARGV[4] == '-1' or flag == ARGV[4]
  end
  return incarnation(id) == tonumber(ARGV[4])
end

local before, delta, first, flags = {}, {}, {}, {}
local total, left, answer = 0, 0, {}

local function changed(flag, by)
  if not delta[flag] then
    flags[#flags + 1] = flag
  end
  delta[flag] = (delta[flag] or 0) + by
end

local known = verb == 'open' and redis.call('HEXISTS', KEYS[1], ARGV[4]) == 1
local sessions = redis.call('HGETALL', KEYS[1])
for i = 1, #sessions, 2 do
  local id = sessions[i]
  local flag, named, device = string.match(sessions[i + 1], '^(%d+) %d %d+ (%d+) (.*)$')
  first[flag] = named
  before[flag] = (before[flag] or 0) + 1
  total = total + 1
  if not known and goes(id, flag, device) then
    redis.call('HDEL', KEYS[1], id)
    changed(flag, -1)
    local silent = verb == 'open' and device == ARGV[8]
    answer[#answer + 1] = '-' .. id .. ':' .. flag .. ':' .. (silent and '1' or '0')
  elseif incarnation(id) == tonumber(node) then
    left = left + 1
  end
end
if verb == 'open' and not known then
  first[ARGV[5]] = first[ARGV[5]] or ARGV[4]
  redis.call('HSET', KEYS[1], ARGV[4], table.concat({ ARGV[5], ARGV[6], ARGV[7], first[ARGV[5]], ARGV[8] }, ' '))
  changed(ARGV[5], 1)
  left = left + 1
end

-- Redis may lose the version but not the time: it grows all the same.
local version = tonumber(redis.call('HGET', KEYS[2], 'version') or '0')
if #flags > 0 then
  local time = redis.call('TIME')
  version = math.max(version, time[1] * 1000 + math.floor(time[2] / 1000) - 1)
end
table.sort(flags, function(a, b) return tonumber(a) < tonumber(b) end)
for _, flag in ipairs(flags) do
  local was = before[flag] or 0
  local count = was + delta[flag]
  local edge = (was == 0 and count > 0) and 1 or (was > 0 and count == 0) and -1 or 0
  total = total + delta[flag]
  version = version + 1
  answer[#answer + 1] = '=' .. table.concat({ flag, count, total, string.format('%.0f', version), edge, first[flag] }, ':')
end

local stamp = string.format('%.0f', version)
table.insert(answer, 1, table.concat({ op, verb, stamp, left }, ' '))
local text = table.concat(answer, ' ')
-- Incarnations come and go: their answers must not pile up.
if redis.call('HLEN', KEYS[2]) > 64 then
  redis.call('DEL', KEYS[2])
end
redis.call('HSET', KEYS[2], 'version', stamp, node, text)
redis.call('PEXPIRE', KEYS[2], 86400000)
return text
