-- What the registry says of one user, changing nothing.
--
-- KEYS  1 sessions, 2 presence, 3 edges (see session-change.lua)
-- Answers "now version waiting", waiting being the version of the oldest edge that is not recorded (0: none), then
--       "sid:flag:node" for each session and "fflag:due" for each announced flag.
local time = redis.call('TIME')
local waiting = redis.call('ZRANGEBYSCORE', KEYS[3], '(0', '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local words = { string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), '0', waiting[2] or '0' }
local sessions = redis.call('HGETALL', KEYS[1])
for i = 1, #sessions, 2 do
  local flag, node = string.match(sessions[i + 1], '^(%d+) %d (%S+) ')
  words[#words + 1] = 's' .. sessions[i] .. ':' .. flag .. ':' .. node
end
local presence = redis.call('HGETALL', KEYS[2])
for i = 1, #presence, 2 do
  if presence[i] == 'version' then
    words[2] = presence[i + 1]
  else
    words[#words + 1] = 'f' .. presence[i] .. ':' .. string.match(presence[i + 1], '^%d+ %d+ %d+ (%d+) ')
  end
end
return table.concat(words, ' ')
