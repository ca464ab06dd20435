"""Does Alembic's autogenerate leave alone what a plan made, and are tables nobody declared flagged?"""

from __future__ import annotations

import pytest
from migrating import TOOLS_BY_NAME, alembic
from planning import guessed, plan_of

from tenantry.blueprint.model import Blueprint, Table, Tenant
from tenantry.errors import ExportRefused, TablesUnknown, TenantsUnknown
from tenantry.plan.export.alembic import head_of
from tenantry.plan.export.alembic_check import refuse_undeclared, undeclared
from tenantry.plan.export.write import Target, write

sqlalchemy = pytest.importorskip("sqlalchemy")
BLUEPRINT = Blueprint(
    tenant=Tenant(table="public.restaurants", columns=("restaurant_id",)),
    tables={"countries": Table(shared="a list of the world's"), '"public"."logs"': Table(owner="who")},
)


def _models():
    """Give models of which two say nothing of their owner."""
    metadata = sqlalchemy.MetaData()

    def table(name, *columns, schema=None):
        sqlalchemy.Table(name, metadata, *(sqlalchemy.Column(*column) for column in columns), schema=schema)

    key, refers = ("id", sqlalchemy.Integer), sqlalchemy.ForeignKey
    table("restaurants", key)
    table("bookings", key, ("restaurant_id", sqlalchemy.Integer))
    table("dishes", key, ("booking", sqlalchemy.Integer, refers("bookings.id")))
    table("tables", key, ("place", sqlalchemy.Integer, refers("public.restaurants.id")), schema="app")
    table("countries", key)
    table("logs", key, ("who", sqlalchemy.Integer))
    table("coupons", key, ("country", sqlalchemy.Integer, refers("countries.id")))
    table("countries", key, schema="other")
    return metadata


def test_a_table_without_a_declaration_is_flagged_and_no_other_is():
    blueprint = BLUEPRINT.model_copy(update={"tables": {**BLUEPRINT.tables, "public.countries": Table(shared="x")}})
    blueprint.tables.pop("countries")
    assert undeclared(_models(), blueprint) == ("other.countries", "public.coupons")
    assert undeclared(_models(), blueprint, only=["public.coupons", "public.dishes"]) == ("public.coupons",)


def test_without_a_word_on_tenants_nothing_is_taken_for_declared():
    with pytest.raises(TenantsUnknown):
        undeclared(_models(), Blueprint())


def test_the_hook_refuses_a_revision_that_makes_an_undeclared_table(tmp_path):
    operations = pytest.importorskip("alembic.operations.ops")
    file = tmp_path / "tenantry.toml"
    file.write_text('[tenant]\ntable = "public.restaurants"\ncolumns = ["restaurant_id"]\n')
    metadata = _models()

    class Context:
        """What Alembic gives a hook."""

        opts = {"target_metadata": metadata}  # noqa: RUF012 (as Alembic has it)

    def revise(*names):
        made = [operations.CreateTableOp.from_table(metadata.tables[name]) for name in names]
        ops = operations.UpgradeOps(ops=made)
        script = operations.MigrationScript("x", upgrade_ops=ops, downgrade_ops=operations.DowngradeOps(ops=[]))
        refuse_undeclared(file)(Context(), (), [script])

    revise("bookings", "dishes")
    with pytest.raises(TablesUnknown, match=r"public\.coupons"):
        revise("bookings", "coupons")


@pytest.mark.parametrize("server", [18], indirect=True)
def test_autogenerate_drops_nothing_that_a_plan_made(restaurants, tmp_path):
    """The models are the tables as they were before the plan; Alembic may ask for what is gone, but drops nothing."""
    url = restaurants.url().replace("postgresql://", "postgresql+psycopg://")
    models = _reflected(url)
    plan = plan_of(restaurants, guessed(restaurants))
    write(plan, Target.ALEMBIC, tmp_path)
    TOOLS_BY_NAME["alembic"].up(restaurants, tmp_path)
    objects = {}
    exec((tmp_path / "tenantry_objects.py").read_text(), objects)
    dropped = _dropped(url, models, objects["include_object"])
    assert dropped == []
    assert _dropped(url, models, lambda *_: True) != []


def _reflected(url):
    metadata = sqlalchemy.MetaData()
    engine = sqlalchemy.create_engine(url)
    metadata.reflect(engine)
    engine.dispose()
    return metadata


def _dropped(url, metadata, include_object) -> list[str]:
    migration = pytest.importorskip("alembic.migration")
    autogenerate = pytest.importorskip("alembic.autogenerate")
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        opts = {"include_schemas": True, "include_object": include_object, "compare_type": False}
        context = migration.MigrationContext.configure(connection, opts=opts)
        found = autogenerate.compare_metadata(context, metadata)
    engine.dispose()
    return [str(one) for one in found if isinstance(one, tuple) and str(one[0]) in ("remove_table", "remove_column")]


@pytest.mark.parametrize("server", [18], indirect=True)
def test_revisions_go_on_from_the_one_that_is_there(restaurants, tmp_path):
    (tmp_path / "versions").mkdir()
    first = 'from alembic import op\nrevision: str = "abc123"\ndown_revision: str | None = None\n'
    (tmp_path / "versions" / "abc123_first.py").write_text(f"{first}def upgrade(): pass\ndef downgrade(): pass\n")
    write(plan_of(restaurants, guessed(restaurants)), Target.ALEMBIC, tmp_path)
    assert len(alembic(restaurants, tmp_path, "heads").splitlines()) == 1
    assert "abc123" in alembic(restaurants, tmp_path, "history")
    assert '"digest' not in alembic(restaurants, tmp_path, "upgrade", "head", "--sql")


def test_several_heads_are_refused():
    texts = [
        f'revision = "{name}"\ndown_revision = {after!r}\n' for name, after in (("a", None), ("b", "a"), ("c", "a"))
    ]
    assert head_of(texts[:2]) == "b"
    assert head_of([]) == ""
    with pytest.raises(ExportRefused, match="b, c"):
        head_of(texts)
    assert head_of([*texts, 'revision = "d"\ndown_revision = ("b", "c")\n']) == "d"
