-- about: Gives every plan that was not taken back, and the first step that is still to come.
select
    plan.number,
    plan.digest,
    plan.status,
    (
        select step.title
        from pg_catalog.jsonb_to_recordset(plan.document -> 'steps') as step (number int, title text)
        where not exists (
            select from tenantry.step as done
            where done.plan = plan.number and done.number = step.number and done.status = 'done'
        )
        order by step.number
        limit 1
    ) as missing
from tenantry.plan as plan
where plan.status <> 'undone'
order by plan.number;
