-- about: Gives every plan that was not taken back, the first step of it that is still to come, and which of its
--   objects nobody has read, while it is not closed.
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
    ) as missing,
    array(
        select object.id from tenantry.object as object
        where object.plan = plan.number and object.became = '' and plan.status <> 'applied'
        order by object.id
    ) as unread
from tenantry.plan as plan
where plan.status <> 'undone'
order by plan.number;
