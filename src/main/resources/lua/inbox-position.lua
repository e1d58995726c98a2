-- Where a pull that names no device reads on: behind what it has acknowledged itself; before the first time, behind what
-- every device has.
-- ARGV: epoch.
if redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[1] then
  return 'STALE'
end
local lowest, pull = readers()
return pull or lowest or 0
