-- title: A trigger reaches tenants' rows past the policies and does not ask whose they are
-- level: warning
-- kind: weakness
-- why: The function runs as a role that policies do not hold and finds rows by what the written row points at: whoever
--   writes a key of another tenant's row there reads or changes that row.
-- fix: Make the function security invoker, or compare the tenant of the rows it finds with that of the row at hand.
-- uses: definer_trigger
select
    definer_trigger.name as object,
    null::text as relation,
    null::text as role,
    format(
        '%s runs as %I, whom policies do not hold, on writes to %s, and works on %s without a word about whose rows.',
        definer_trigger.name,
        definer_trigger.rolname,
        string_agg(distinct definer_trigger.relation, ', ' order by definer_trigger.relation),
        array_to_string(definer_trigger.touches[1:10], ', ')
    ) as detail,
    format('alter function %s security invoker;', definer_trigger.name) as fix
from definer_trigger
where definer_trigger.is_unbound
group by definer_trigger.name, definer_trigger.rolname, definer_trigger.touches
order by 1
