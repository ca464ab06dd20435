-- about: What pg_graphql tells a role of the API of a database's objects when it is asked for its schema.
with served as (
    select
        extension.extversion ~ '^\d+\.\d+' and (
            split_part(extension.extversion, '.', 1)::int, split_part(extension.extversion, '.', 2)::int
        ) >= (1, 6) as is_told_on_request
    from (
        select max(found.extversion) as extversion from pg_extension as found where found.extname = 'pg_graphql'
    ) as extension
),
door as (
    -- why: a database restored without the extension has its schema and its entrance still
    select distinct role.oid, role.rolname
    from pg_roles as role
    join pg_namespace as space on space.nspname in ('graphql', 'graphql_public')
    join pg_proc as entrance on entrance.pronamespace = space.oid and entrance.proname in ('resolve', 'graphql')
    where role.rolname in ('anon', 'authenticated')
        and has_schema_privilege(role.oid, space.oid, 'USAGE')
        and has_function_privilege(role.oid, entrance.oid, 'EXECUTE')
)
select
    door.rolname::text as role,
    class.oid,
    format('%I.%I', space.nspname, class.relname) as relation
from door
join pg_class as class on class.relkind in ('r', 'v', 'm', 'f')
join pg_namespace as space on space.oid = class.relnamespace
left join served on true
where space.nspname !~ '^pg_'
    and space.nspname not in (
        'information_schema', 'auth', 'cron', 'extensions', 'graphql', 'graphql_public', 'net', 'pgmq', 'pgsodium',
        'pgbouncer', 'realtime', 'storage', 'supabase_functions', 'supabase_migrations', 'vault'
    )
    and has_schema_privilege(door.oid, space.oid, 'USAGE')
    and has_any_column_privilege(door.oid, class.oid, 'SELECT')
    -- why: what has no key is left out, and a view has one only by a comment
    and (
        exists (select from pg_index as key where key.indrelid = class.oid and key.indisprimary)
        or obj_description(class.oid, 'pg_class') ~ '@graphql\(.*primary_key_columns'
    )
    -- why: from 1.6 on a schema is told only where a comment on it asks for that
    and (
        not coalesce(served.is_told_on_request, false)
        or obj_description(space.oid, 'pg_namespace') ~ '@graphql\(.*"introspection"\s*:\s*true'
    )
    and not exists (
        select from pg_depend as member
        where member.classid = 'pg_class'::regclass and member.objid = class.oid and member.deptype = 'e'
    )
