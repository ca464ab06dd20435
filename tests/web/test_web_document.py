"""Does the application in docs/web.md run as it is written there?"""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import RSAKey
from running import MINTER, SECRET
from serving import APP, OURS, THEIRS

from tenantry.testing.databases import Database

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "web.md"
KEY = RSAKey.generate_key(2048, {"kid": "first"})
TOML = """
[tenant]
table = "public.org"
columns = ["org_id"]

[membership]
table = "public.member"
role = "role"
active = ["is_active"]
"""


def signed(actor: str) -> dict[str, str]:
    claims = {"sub": actor, "aud": "bookings", "iss": "https://id.example", "exp": int(time.time()) + 600}
    return {"authorization": f"Bearer {jwt.encode({'alg': 'RS256', 'kid': 'first'}, claims, KEY)}"}


def test_the_application_of_the_document_runs(
    served: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", served.url(APP))
    monkeypatch.setenv("TENANTRY_KEY", f"{MINTER.key_id}:{SECRET.hex()}")
    Path("keys.json").write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}))
    Path("tenantry.toml").write_text(TOML)
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found
    told: dict[str, Any] = {"__name__": "application"}
    exec(compile(found[1], str(DOCUMENT), "exec"), told)
    asyncio.run(_asked(told["app"]))


async def _asked(app: FastAPI) -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        ann, booking = {**signed("ann"), "x-tenant": OURS}, {"id": 50, "room": 50, "guest": "Cy"}
        assert (await client.post("/bookings", headers=ann, json=booking)).status_code == 201
        assert (await client.get("/bookings/50", headers=ann)).json() == {"guest": "Cy"}
        taken = await client.post("/bookings", headers=ann, json={**booking, "id": 51})
        error = taken.json()["error"]
        assert (taken.status_code, error.pop("request_id")) == (409, taken.headers["x-request-id"])
        said = re.search(r'\{"error": (\{.*\})\}', DOCUMENT.read_text())
        assert said
        expected = json.loads(said[1])
        assert error == {name: value for name, value in expected.items() if name != "request_id"}
        theirs = await client.get("/bookings/6", headers=ann)
        assert theirs.status_code == 404
        stranger = await client.get("/bookings/50", headers={**signed("bob"), "x-tenant": OURS})
        assert stranger.json()["error"]["code"] == "tenant_not_found"
        staff = await client.post("/bookings", headers={**signed("ann"), "x-tenant": THEIRS}, json=booking)
        assert staff.json()["error"]["code"] == "role_missing"
