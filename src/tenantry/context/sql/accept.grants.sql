-- object: grants tenantry.accept(text) to public
-- about: The signed profile verifies the token in each statement, whoever's statement it is. What the function tells
--   is in the token already.
-- lock: none
-- undo: revoke all on function tenantry.accept(text) from public

grant execute on function tenantry.accept(text) to public;
