-- about: Every descendant of a table with row security: partitions, and tables that inherit.
select parent.oid as ancestor, link.inhrelid as relid
from pg_class as parent
join pg_inherits as link on link.inhparent = parent.oid
where parent.relrowsecurity and parent.relkind in ('r', 'p')
union
select heir.ancestor, link.inhrelid
from table_heir as heir
join pg_inherits as link on link.inhparent = heir.relid
