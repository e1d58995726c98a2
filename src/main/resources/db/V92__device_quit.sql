-- When back ends told a device to quit, or with -1 every device of the user: tokens that are stored nowhere (JWT) and were
-- issued before are good no more.
create table device_quit (
    uid text collate "C" not null,
    device_flag smallint not null,
    quit_at timestamptz not null,
    primary key (uid, device_flag)
);
