-- about: Notes that a step is done, or undone.
insert into tenantry.step (plan, number, status, attempts)
select pg_catalog.max(plan.number), %(step)s, %(status)s, 1
from tenantry.plan as plan
where plan.digest = %(digest)s and plan.status <> 'undone'
on conflict (plan, number) do update set status = excluded.status, changed_at = now();
