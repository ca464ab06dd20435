-- title: A write to tenants' rows runs with another role's rights
-- level: note
-- kind: weakness
-- why: What such a trigger or rule reads and writes is not held by the policies of the one who writes the row.
-- fix: Make the function security invoker, or let its owner be a role that policies hold; replace rules by triggers.
-- uses: definer_trigger
select
    hung.name as object,
    null::text as relation,
    null::text as role,
    format(
        '%s runs as %I, whom policies do not hold, on every write that fires it on %s tables: %s%s.',
        hung.name,
        hung.rolname,
        count(distinct hung.relation),
        array_to_string((array_agg(distinct hung.relation order by hung.relation))[1:10], ', '),
        case when count(distinct hung.relation) > 10 then ', and more' else '' end
    ) as detail,
    format('alter function %s security invoker;', hung.name) as fix
from definer_trigger as hung
-- why: those are T50b's, which says more
where not hung.is_unbound
group by hung.name, hung.rolname
union all
select
    format('%I.%I', space.nspname, class.relname),
    format('%I.%I', space.nspname, class.relname),
    null,
    format(
        'Rule %s on %I.%I rewrites writes and runs with the rights of the table''s owner.',
        string_agg(quote_ident(rule.rulename), ', ' order by rule.rulename), space.nspname, class.relname
    ),
    string_agg(
        format('drop rule %I on %I.%I;', rule.rulename, space.nspname, class.relname), ' ' order by rule.rulename
    )
from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid)
join pg_class as class on class.oid = owned.relid
join pg_namespace as space on space.oid = class.relnamespace
join pg_rewrite as rule on rule.ev_class = class.oid and rule.ev_type <> '1' and rule.ev_enabled <> 'D'
group by space.nspname, class.relname
order by 1
