"""What rows does the restaurant example have? Made up from a seed, the same for both states of its schema.

Names, streets and notes are in words.toml, all invented; mail is under example.com and example.org, phone
numbers are from the range that Ofcom keeps free for drama (01632 960xxx). Tenants differ in size by Zipf's
law, and the last one has nothing but its own row.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, product
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from psycopg.types.range import Range

__all__ = ["load"]

Row = dict[str, object]

BOOKINGS, MOST_TENANTS = 12_000, 1_000
SEATINGS = (time(12, 0), time(18, 0), time(20, 15))
MEAL = timedelta(minutes=105)
FIRST_DAY, LAST_DAY = -180, 30

# Parents before children: the order in which rows can be copied with foreign keys on.
TABLES = (
    "countries", "time_zones", "cuisines", "restaurants", "users", "restaurant_members", "invitations",
    "staff_documents", "opening_hours", "menu_items", "customers", "dining_tables", "holds",
    "table_hold_members", "bookings", "booking_table_assignments", "allocations", "feedback",
    "waitlist_entries", "ledger_entries", "gift_cards", "capacity_outbox", "analytics_events", "audit_log",
)  # fmt: skip

ZONES = (("GB", "Europe/London", "GBP"), ("IE", "Europe/Dublin", "EUR"), ("MT", "Europe/Malta", "EUR"))
PAST_STATES = ("completed", "completed", "completed", "no_show", "cancelled")
COMING_STATES = ("confirmed", "pending")
HOLD_STATES = ("active", "released", "expired")
WORDS: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@dataclass(frozen=True)
class World:
    """The rows made so far, and the source of chance and of today's date they are made from."""

    chance: random.Random
    today: date
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in TABLES})

    def add(self, table: str, **values: object) -> None:
        """Keep a row of a table."""
        self.rows[table].append(values)

    def key(self) -> uuid.UUID:
        """Make a random key."""
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)

    def word(self, kind: str) -> str:
        """Choose one of a kind of words."""
        return self.chance.choice(WORDS[kind])

    def name(self) -> str:
        """Make up a person's name."""
        return f"{self.word('first_names')} {self.word('last_names')}"

    def phone(self) -> str:
        """Take a phone number from the range that is never given to anybody."""
        return f"+44 1632 960{self.chance.randrange(1000):03d}"

    def mail(self, name: str, number: int) -> str:
        """Make the address of a person, one of a kind by its number."""
        host = self.chance.choice(("example.com", "example.org"))
        return f"{name.lower().replace(' ', '.')}.{number}@{host}"

    def gift_code(self) -> str:
        """Make the next gift card code; 617 has no factor in common with 100,000, so they repeat late."""
        return f"GC{len(self.rows['gift_cards']) * 617 % 100_000:05d}"

    def moment(self, day: date) -> datetime:
        """Choose a time on a day."""
        return datetime.combine(day, time(9), UTC) + timedelta(seconds=self.chance.randrange(36_000))

    def past_moment(self) -> datetime:
        """Choose a time on one of the ninety days before today."""
        return self.moment(self.today - timedelta(days=self.chance.randrange(1, 91)))


@dataclass(frozen=True)
class Place:
    """One restaurant while its rows are made: its key, how many bookings it gets, and whom it knows."""

    key: uuid.UUID
    bookings: int
    staff: list[uuid.UUID] = field(default_factory=list)
    guests: list[uuid.UUID] = field(default_factory=list)
    tables: list[uuid.UUID] = field(default_factory=list)


def load(
    connection: psycopg.Connection, *, tenants: int = 24, seed: int = 7, today: date | None = None
) -> dict[str, int]:
    """Fill an empty restaurant database in either state and give the number of rows per table.

    Runs in one transaction, as superuser. Days are counted from ``today``, by default the server's. Columns
    which a state does not have, or makes itself, are left out; so are audit rows of the platform where each
    row must have a restaurant.
    """
    with connection.transaction():
        world = make(tenants=tenants, seed=seed, today=today or _server_date(connection))
        _switch_triggers(connection, sql.SQL("disable"))
        counts = {table: _copy(connection, table, world.rows[table]) for table in TABLES}
        _switch_triggers(connection, sql.SQL("enable"))
        _refresh_views(connection)
        connection.execute("analyze")
    return counts


def make(*, tenants: int, seed: int, today: date) -> World:
    """Make all rows of all tenants; the same arguments give the same rows."""
    if not 2 <= tenants <= MOST_TENANTS:
        raise ValueError(f"tenants must be between 2 and {MOST_TENANTS}, not {tenants}")
    world = World(random.Random(seed), today)  # noqa: S311 - example rows, nothing secret
    _add_catalogue(world)
    places = [_add_restaurant(world, number, size) for number, size in enumerate(_sizes(tenants))]
    for place in places:
        if place.bookings:
            for add_rows in (_add_staff, _add_house, _add_guests, _add_holds, _add_bookings, _add_events):
                add_rows(world, place)
    _add_people_between(world, places)
    _add_platform_log(world, places)
    return world


def _sizes(tenants: int) -> list[int]:
    weights = [rank**-1.1 for rank in range(1, tenants)]
    return [max(5, round(BOOKINGS * weight / sum(weights))) for weight in weights] + [0]


def _add_catalogue(world: World) -> None:
    for (code, zone, _), name, prefix in zip(ZONES, WORDS["countries"], ("+44", "+353", "+356"), strict=True):
        world.add("countries", code=code, name=name, dialling_code=prefix)
        world.add("time_zones", name=zone, country_code=code)
    for number, slug in enumerate(WORDS["cuisines"], start=1):
        world.add("cuisines", id=number, slug=slug, name=slug.replace("-", " ").capitalize())


def _add_restaurant(world: World, number: int, bookings: int) -> Place:
    words, nouns = WORDS["place_words"], WORDS["place_nouns"]
    name = f"The {words[number % len(words)]} {nouns[number * 5 // 12 % len(nouns)]}"
    country, zone, currency = ZONES[number % len(ZONES)]
    slug = f"{name.lower().replace(' ', '-')}-{number + 1}"
    place = Place(world.key(), bookings)
    world.add(
        "restaurants", id=place.key, name=name, slug=slug, slug_name=slug,
        plan="group" if bookings > 1000 else "growth" if bookings > 200 else "starter",
        cuisine_id=1 + number % len(WORDS["cuisines"]), country_code=country, time_zone=zone,
        currency=currency, street=f"{number + 3} {world.word('streets')} Street",
        phone=world.phone(), deposit_per_cover=world.chance.choice((0, 5, 10)),
    )  # fmt: skip
    return place


def _add_user(world: World) -> uuid.UUID:
    name, key = world.name(), world.key()
    world.add(
        "users", id=key, email=world.mail(name, len(world.rows["users"])), full_name=name,
        phone=world.phone(), password_hash=f"scrypt${world.chance.getrandbits(256):064x}",
        created_at=world.past_moment(),
    )  # fmt: skip
    return key


def _add_staff(world: World, place: Place) -> None:
    for number in range(3 + place.bookings // 150):
        user = _add_user(world)
        role = "owner" if number == 0 else "manager" if number < 3 else "staff"
        world.add("restaurant_members", restaurant_id=place.key, user_id=user, role=role)
        place.staff.append(user)
        for kind in ("contract", "payslip"):
            world.add(
                "staff_documents", id=world.key(), restaurant_id=place.key, user_id=user, kind=kind,
                title=f"{kind.capitalize()} of staff number {number + 1}", is_confidential=kind == "payslip",
                body=f"{world.chance.randrange(18_000, 52_000)} a year, 38 hours a week.",
            )  # fmt: skip
    token = f"{world.chance.getrandbits(128):032x}"
    world.add(
        "invitations", id=world.key(), restaurant_id=place.key, invited_by=place.staff[0], role="staff",
        email=world.mail(world.name(), place.bookings), token=token,
        token_hash=hashlib.sha256(token.encode()).digest(),
    )  # fmt: skip


def _add_house(world: World, place: Place) -> None:
    for weekday in range(1, 8):
        world.add(
            "opening_hours", id=world.key(), restaurant_id=place.key, weekday=weekday,
            opens_at=time(11), closes_at=time(23),
        )  # fmt: skip
    for flavour in world.chance.sample(WORDS["flavours"], 10):
        world.add(
            "menu_items", id=world.key(), restaurant_id=place.key, name=f"{flavour} {world.word('dishes')}",
            course=world.chance.choice(("starter", "main", "dessert")), price=world.chance.randrange(6, 29),
            is_active=world.chance.random() < 0.8, recipe_notes=f"Secret: {world.word('flavours')}.",
        )  # fmt: skip
    for number in range(4 + place.bookings // 120):
        place.tables.append(world.key())
        world.add(
            "dining_tables", id=place.tables[-1], restaurant_id=place.key, label=f"T{number + 1}",
            seats=world.chance.choice((2, 2, 4, 4, 6, 8)), is_outdoor=number % 5 == 4,
        )  # fmt: skip


def _add_guests(world: World, place: Place) -> None:
    for number in range(3 + place.bookings * 2 // 5):
        name, key = world.name(), world.key()
        world.add(
            "customers", id=key, restaurant_id=place.key, full_name=name, phone=world.phone(),
            email=world.mail(name, number) if world.chance.random() < 0.9 else None,
            notes=world.word("notes") if world.chance.random() < 0.3 else None,
            is_vip=world.chance.random() < 0.04, created_at=world.past_moment(),
        )  # fmt: skip
        place.guests.append(key)
    for guest in islice(place.guests, 2 + place.bookings // 100):
        world.add(
            "waitlist_entries", id=world.key(), restaurant_id=place.key, customer_id=guest,
            wanted_on=world.today + timedelta(days=world.chance.randrange(1, 30)),
            party_size=world.chance.randrange(1, 9), message=world.word("requests"),
        )  # fmt: skip
        world.add(
            "gift_cards", id=world.key(), restaurant_id=place.key, code=world.gift_code(), bought_by=guest,
            initial_amount=50, balance=world.chance.choice((0, 25)), expires_on=world.today + timedelta(365),
        )  # fmt: skip


def _add_holds(world: World, place: Place) -> None:
    for table in islice(place.tables, 2 + place.bookings // 60):
        key, starts = world.key(), world.moment(world.today + timedelta(days=LAST_DAY + 1))
        world.add(
            "holds", id=key, restaurant_id=place.key, created_by=world.chance.choice(place.staff),
            party_size=2, starts_at=starts, ends_at=starts + MEAL, expires_at=starts - timedelta(days=30),
            status=world.chance.choice(HOLD_STATES), guest_phone=world.phone(),
        )  # fmt: skip
        world.add("table_hold_members", restaurant_id=place.key, hold_id=key, table_id=table, seats=2)


def _sittings(world: World, place: Place) -> Iterator[tuple[uuid.UUID, datetime]]:
    """Give every booking a table and a time that no other has; three are tonight."""
    days = [world.today + timedelta(days=number) for number in range(FIRST_DAY, LAST_DAY) if number]
    yield from ((table, datetime.combine(world.today, SEATINGS[-1], UTC)) for table in place.tables[:3])
    free = list(product(place.tables, days, SEATINGS))
    for table, day, seating in world.chance.sample(free, place.bookings - 3):
        yield table, datetime.combine(day, seating, UTC)


def _add_bookings(world: World, place: Place) -> None:
    for number, (table, starts) in enumerate(_sittings(world, place), start=1):
        _add_booking(world, place, number=number, table=table, starts=starts)


def _add_booking(world: World, place: Place, *, number: int, table: uuid.UUID, starts: datetime) -> None:
    key, party = world.key(), world.chance.randrange(1, 9)
    status = world.chance.choice(PAST_STATES if starts.date() < world.today else COMING_STATES)
    world.add(
        "bookings", id=key, restaurant_id=place.key, customer_id=world.chance.choice(place.guests),
        reference=f"R{number:05d}", service_date=starts.date(), starts_at=starts, ends_at=starts + MEAL,
        party_size=party, status=status, created_by=world.chance.choice([None, *place.staff]),
        special_requests=world.word("requests") if world.chance.random() < 0.2 else None,
        created_at=starts - timedelta(days=7),
    )  # fmt: skip
    if status != "cancelled":
        world.add(
            "booking_table_assignments", id=world.key(), restaurant_id=place.key, booking_id=key,
            table_id=table, during=Range(starts, starts + MEAL),
        )  # fmt: skip
    if status == "completed":
        _add_meal(world, place, booking=key, party=party, day=starts.date())


def _add_meal(world: World, place: Place, *, booking: uuid.UUID, party: int, day: date) -> None:
    world.add(
        "allocations", id=world.key(), restaurant_id=place.key, booking_id=booking, covers=party,
        section=world.chance.choice(("main", "bar", "garden")), server_name=world.word("first_names"),
    )  # fmt: skip
    world.add(
        "ledger_entries", id=world.key(), restaurant_id=place.key, booking_id=booking, kind="payment",
        amount=party * world.chance.randrange(14, 60), booked_on=day,
        card_last_four=f"{world.chance.randrange(10_000):04d}",
    )  # fmt: skip
    if world.chance.random() < 0.2:
        world.add(
            "feedback", id=world.key(), restaurant_id=place.key, booking_id=booking,
            rating=world.chance.randrange(1, 6), comment=world.word("comments"),
            is_published=world.chance.random() < 0.5, created_at=world.moment(day),
        )  # fmt: skip


def _add_events(world: World, place: Place) -> None:
    for number in range(2 + place.bookings // 2):
        world.add(
            "analytics_events", id=world.key(), restaurant_id=place.key, occurred_at=world.past_moment(),
            kind=world.chance.choice(("page.viewed", "widget.opened", "booking.started")),
            visitor=f"v{world.chance.getrandbits(32):08x}", properties=Jsonb({"step": number % 4}),
        )  # fmt: skip
    for number in range(2 + place.bookings // 12):
        world.add(
            "capacity_outbox", id=world.key(), restaurant_id=place.key, event_type="booking.changed",
            status="done" if number > 5 else "pending", dedupe_key=str(number), payload=Jsonb({"n": number}),
        )  # fmt: skip
        world.add(
            "audit_log", id=world.key(), restaurant_id=place.key, actor_id=world.chance.choice(place.staff),
            action="update", entity="bookings", happened_at=world.past_moment(), details=Jsonb({}),
        )  # fmt: skip


def _add_people_between(world: World, places: list[Place]) -> None:
    """Add people who work in two restaurants, and strangers who work in none."""
    for one, other in zip(places[3:7], places[7:11], strict=False):
        if other.staff:
            world.add("restaurant_members", restaurant_id=other.key, user_id=one.staff[-1], role="staff")
    for _ in range(5):
        _add_user(world)


def _add_platform_log(world: World, places: list[Place]) -> None:
    for place in places[:10]:
        world.add(
            "audit_log", id=world.key(), restaurant_id=None, action="support.impersonate",
            entity="restaurants", entity_id=str(place.key), happened_at=world.past_moment(),
            details=Jsonb({"reason": "Locked out", "reset_code": f"{world.chance.randrange(10**6):06d}"}),
        )  # fmt: skip


def _server_date(connection: psycopg.Connection) -> date:
    return date.fromisoformat(str(connection.execute("select current_date").fetchall()[0][0]))


def _columns(connection: psycopg.Connection, table: str) -> dict[str, bool]:
    """Give the columns that can be copied into a table, and whether each must have a value."""
    found = connection.execute(
        """
        select attribute.attname, attribute.attnotnull
        from pg_catalog.pg_attribute as attribute
        where attribute.attrelid = to_regclass('public.' || %s)
            and attribute.attnum > 0 and not attribute.attisdropped
            and attribute.attgenerated = '' and attribute.attidentity = ''
        """,
        (table,),
    )
    return {str(name): bool(is_required) for name, is_required in found}


def _copy(connection: psycopg.Connection, table: str, rows: list[Row]) -> int:
    offered = list(dict.fromkeys(column for row in rows for column in row))
    wanted = _columns(connection, table)
    columns = [column for column in offered if column in wanted]
    kept = [row for row in rows if row.get("restaurant_id", "") is not None or not wanted["restaurant_id"]]
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier("public", table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in kept:
            stream.write_row([row.get(column) for column in columns])
    return len(kept)


def _switch_triggers(connection: psycopg.Connection, verb: sql.SQL) -> None:
    for name in (sql.Identifier("public", table) for table in TABLES):
        connection.execute(sql.SQL("alter table {} {} trigger user").format(name, verb))


def _refresh_views(connection: psycopg.Connection) -> None:
    found = connection.execute("select schemaname, matviewname from pg_catalog.pg_matviews").fetchall()
    for schema, name in found:
        connection.execute(sql.SQL("refresh materialized view {}").format(sql.Identifier(schema, name)))


def main() -> None:
    """Fill the database that ``--dsn`` names and print what it got."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--dsn", required=True, help="of a database with either schema, as superuser")
    parser.add_argument("--tenants", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    with psycopg.connect(arguments.dsn) as connection:
        counts = load(connection, tenants=arguments.tenants, seed=arguments.seed)
    for table, count in {**counts, "in all": sum(counts.values())}.items():
        print(f"{count:>7}  {table}")


if __name__ == "__main__":
    main()
