-- title: A policy is true for every row
-- level: warning
-- kind: weakness
-- why: Whoever has the right and the role reaches all rows, as if there were no row security for that
--   command.
-- fix: Name the tenant in the policy, or drop it and say in the blueprint that the table is shared.
-- uses: always_true
select
    always.relation as object,
    always.relation as relation,
    null::text as role,
    format(
        'Policies %s of %s are true for every row, so every %s may %s all of them.',
        string_agg(quote_ident(always.polname), ', ' order by always.polname), always.relation,
        case when bool_or(always.is_public) then 'role with a grant' else 'application role they are written to' end,
        string_agg(
            distinct case always.command
                when 'r' then 'read'
                when 'a' then 'add'
                when 'w' then 'change'
                when 'd' then 'delete'
                else 'read, add, change and delete'
            end, ', '
        )
    ) as detail,
    null::text as fix
from always_true as always
where not (
        always.is_owned and always.is_public and always.command <> 'a'
        and always.polname ~* '(service|admin|internal|system|backend|worker|cron|super)'
    )
    -- why: reading shared tables is what they are for, and T12 tells of inserts into tenants' tables
    and case
        when always.is_owned and always.tenant_column is not null then always.command <> 'a'
        when always.is_owned then true
        else always.command <> 'r'
    end
group by always.relation
order by 1
