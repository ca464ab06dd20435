-- about: The privileges on tenants' tables that the application holds, through whom, and what takes them away.
-- uses: owned_grant, acting
select
    granted.privilege,
    case when granted.grantee = 0 then 'public' else pg_get_userbyid(granted.grantee)::text end as role,
    case
        when granted.grantee = 0 then 'Every role'
        when reached.is_direct then format('%I', pg_get_userbyid(granted.grantee))
        else format('%I, and through it %I,', pg_get_userbyid(granted.grantee), reached.example)
    end as who,
    granted.tables,
    format(
        'revoke %s on %s from %s;',
        lower(granted.privilege),
        case
            when cardinality(granted.tables) > 10
            then format('all tables in schema %s', granted.relnamespace::regnamespace)
            else array_to_string(granted.tables, ', ')
        end,
        case when granted.grantee = 0 then 'public' else format('%I', pg_get_userbyid(granted.grantee)) end
    ) as fix
from owned_grant as granted
cross join lateral (
    select min(acting.name) as example, bool_or(acting.oid = granted.grantee) as is_direct
    from acting
    where (granted.grantee = 0 or pg_has_role(acting.oid, granted.grantee, 'USAGE'))
        and not pg_has_role(acting.oid, granted.relowner, 'USAGE')
        and has_schema_privilege(acting.oid, granted.relnamespace, 'USAGE')
) as reached
where reached.example is not null
