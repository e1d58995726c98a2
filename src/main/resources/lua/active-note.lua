-- Notes when a user was last active, unless a later time is known: nodes tell it late, and not in order.
--
-- KEYS  1 when, in milliseconds since 1970
-- ARGV  1 the same, 2 milliseconds until it is history
local known = redis.call('GET', KEYS[1])
if not known or tonumber(known) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 0
