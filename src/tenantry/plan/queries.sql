-- about: What the journal is asked and told, in the order of a plan's life.

-- query: is_there
-- about: Says whether the database has a journal that nobody but tenantry's owner, a superuser or who asks can have made:
--   what is read there is run, and a view there would run its owner's functions with the rights of who reads it.
select count(*) = 3 as is_there
from pg_catalog.pg_class as class
join pg_catalog.pg_namespace as space on space.oid = class.relnamespace
join pg_catalog.pg_roles as owner on owner.oid = class.relowner
join pg_catalog.pg_roles as above on above.oid = space.nspowner
where space.nspname = 'tenantry' and class.relname in ('plan', 'step', 'object') and class.relkind = 'r'
    and (owner.rolsuper or owner.rolname in ('tenantry_owner', current_user))
    and (above.rolsuper or above.rolname in ('tenantry_owner', current_user));

-- query: objects
-- about: Gives every object that is answered for.
select object.id, object.asked, object.asked_text, object.is_kept, object.became, object.became_text,
    object.before, object.removal
from tenantry.object as object
order by object.id;

-- query: last_plan
-- about: Gives the latest plan that was not taken back.
select plan.number, plan.document, plan.status
from tenantry.plan as plan
where plan.status <> 'undone'
order by plan.number desc
limit 1;

-- query: steps_done
-- about: Gives the steps of a plan that stand.
select step.number from tenantry.step as step where step.plan = %(plan)s and step.status = 'done';

-- query: begin
-- about: Notes that a plan is begun, and draws its number.
insert into tenantry.plan (digest, document, status) values (%(digest)s, %(document)s, 'running') returning number;

-- query: note_step
-- about: Notes that a step is done or undone.
insert into tenantry.step (plan, number, status, attempts) values (%(plan)s, %(step)s, %(status)s, %(attempts)s)
on conflict (plan, number) do update set status = excluded.status, changed_at = now();

-- query: remember
-- about: Notes what is answered for: asked for, what it became, what stood before, how it goes away.
insert into tenantry.object (id, asked, asked_text, is_kept, became, became_text, before, removal, plan)
values (
    %(id)s, %(asked)s, %(asked_text)s, %(is_kept)s, %(became)s, %(became_text)s, %(before)s, %(removal)s, %(plan)s
)
on conflict (id) do update set
    asked = excluded.asked,
    asked_text = excluded.asked_text,
    is_kept = excluded.is_kept,
    became = excluded.became,
    became_text = excluded.became_text,
    before = excluded.before,
    removal = excluded.removal,
    plan = excluded.plan;

-- query: forget
-- about: Notes that an object is no longer answered for.
delete from tenantry.object where id = %(id)s;

-- query: note_became
-- about: Notes what the server says an object became: hash and text.
update tenantry.object set became = %(became)s, became_text = %(became_text)s where id = %(id)s;

-- query: note_end
-- about: Notes how a plan ended.
update tenantry.plan set status = %(status)s, ended_at = now() where number = %(plan)s;
