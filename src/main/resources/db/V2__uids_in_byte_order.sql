-- The fan-out walks members in the order of their uids and resumes behind the last one it reached: that order must be
-- the same in every database and in the index, so it is the order of the bytes. Rebuilds the primary key with it.
alter table member alter column uid type text collate "C";
alter table cmd alter column reached type text collate "C";
