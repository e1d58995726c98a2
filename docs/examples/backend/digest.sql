select substr(md5(uid), 1, 2) as bucket, count(*) as users,
       sum(('x' || substr(md5(uid), 9, 12))::bit(48)::bigint)::text as hash
from presence where online group by 1;
