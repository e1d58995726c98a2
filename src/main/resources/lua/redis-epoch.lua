-- Marks Redis with an epoch, unless it has a later one. KEYS: the mark. ARGV: the epoch.
if tonumber(redis.call('GET', KEYS[1]) or 0) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1])
end
