-- about: What a granted view reads, and as whom: a view with definer rights reads as its owner.
-- uses: view, view_reads, granted_view
select
    view.oid as top, view.oid as relid, view.asks_who,
    case when not view.is_invoker then view.relowner end as reads_as
from view
join granted_view as granted on granted.oid = view.oid
union
select
    walk.top, view_reads.relid, walk.asks_who or coalesce(inner_view.asks_who, false),
    case when inner_view.oid is null or inner_view.is_invoker then walk.reads_as else inner_view.relowner end
from view_walk as walk
join view_reads on view_reads.viewid = walk.relid
left join view as inner_view on inner_view.oid = view_reads.relid
