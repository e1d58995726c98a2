-- Takes a node's lease, or renews one that has not ended: a lease that has ended once is never renewed.
--
-- KEYS  1 lease
-- ARGV  1 "take" or "renew", 2 milliseconds, 3 what others read there: "ready" if the node's sessions are all registered
-- Answers when it ends, in milliseconds of Redis' clock; 0: it has ended already.
if ARGV[1] == 'renew' and redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])
local time = redis.call('TIME')
return time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
