-- What crosses to be deleted, on a partitioned table: its partitions have the same floors.
create table shops (id bigint primary key);
create table events (shop_id bigint not null references shops, day date not null) partition by range (day);
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
