-- about: Notes that an object is answered for no longer.
delete from tenantry.object as object where object.id = %(id)s;
