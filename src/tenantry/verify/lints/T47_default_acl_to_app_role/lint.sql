-- title: New tables are open to application roles before anybody writes a policy
-- level: note
-- kind: weakness
-- why: Default privileges grant every future table at once; until row security is switched on, all of its
--   rows are open.
-- fix: Grant in the same migration that creates the table and its policies, and revoke the default.
-- uses: asker
select
    quote_ident(creator.rolname) as object,
    null::text as relation,
    creator.rolname::text as role,
    format(
        'Tables that %I creates%s are granted to %s as soon as they exist.',
        creator.rolname,
        coalesce(
            string_agg(
                distinct ' in schema ' || quote_ident(space.nspname), ','
                order by ' in schema ' || quote_ident(space.nspname)
            ),
            ''
        ),
        string_agg(distinct asker.name, ', ' order by asker.name)
    ) as detail,
    string_agg(
        distinct format(
            'alter default privileges for role %I%s revoke all on tables from %s;', creator.rolname,
            coalesce(' in schema ' || quote_ident(space.nspname), ''), asker.name
        ), ' '
    ) as fix
from pg_default_acl as preset
join pg_roles as creator on creator.oid = preset.defaclrole
left join pg_namespace as space on space.oid = preset.defaclnamespace
cross join lateral aclexplode(preset.defaclacl) as entry
join asker on asker.oid = entry.grantee
where preset.defaclobjtype = 'r' and entry.grantee <> preset.defaclrole
group by creator.rolname
order by 1
