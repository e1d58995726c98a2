-- Where a pull that names no device reads on: what every device has, or the back end itself, is not given again.
-- ARGV: epoch.
if redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[1] then
  return 'STALE'
end
local lowest, pull = readers()
return math.max(pull, lowest or 0)
