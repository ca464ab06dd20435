-- about: Notes what is asked of an object; what it became is left for reconcile.
insert into tenantry.object (id, asked, asked_text, is_kept, became, became_text, before, removal, plan)
select
    %(id)s, %(asked)s, %(asked_text)s::jsonb, %(is_kept)s, %(became)s, %(became_text)s::jsonb, %(before)s::jsonb,
    %(removal)s::jsonb, pg_catalog.max(plan.number)
from tenantry.plan as plan
where plan.digest = %(digest)s and plan.status <> 'undone'
on conflict (id) do update set
    asked = excluded.asked, asked_text = excluded.asked_text, is_kept = excluded.is_kept, became = excluded.became,
    became_text = excluded.became_text, before = excluded.before, removal = excluded.removal, plan = excluded.plan;
