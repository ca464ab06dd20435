-- about: Partitions and inheritance children with their parents.
select inheritance.inhrelid::bigint as child, inheritance.inhparent::bigint as parent
from pg_inherits as inheritance
order by 1, inheritance.inhseqno
