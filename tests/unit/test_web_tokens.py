"""Is a token believed only when an allowed key signed it, for this application, and now?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from tenantry.web.keys import Jwks, Keys, Secret
from tenantry.web.refusals import GuardUnset, KeysUnavailable, TokenExpired, TokenRefused
from tenantry.web.tokens import Tokens, Verified

NOW = 1_800_000_000
SHARED = b"0123456789abcdef0123456789abcdef"
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EDWARDS = OKPKey.generate_key("Ed25519", {"kid": "edwards"})
SECRET = OctKey.import_key(SHARED, {"kid": "shared"})
CLAIMS = {"sub": "ann", "tenant": "t1", "roles": ["manager"], "aud": "stays", "iss": "https://id", "exp": NOW + 60}
SIGNERS = {"HS256": SECRET, "RS256": RSA, "EdDSA": EDWARDS}
PUBLIC = [key.as_dict(private=False) for key in (RSA, EDWARDS)]
ALL = json.dumps({"keys": [*PUBLIC, SECRET.as_dict()]}).encode()


class Any_(JWSRegistry):
    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


def signed(algorithm: str, key: Any = None, *, kid: str | None = "", **claims: Any) -> str:
    key = key or SIGNERS[algorithm]
    header = {"alg": algorithm, **({} if kid is None else {"kid": kid or key.kid})}
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not ...}
    return jwt.encode(header, said, key, registry=Any_())


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def tokens(keys: Keys | None = None, **options: Any) -> Tokens:
    said = {"audience": "stays", "issuer": "https://id", "algorithms": tuple(SIGNERS), "clock": lambda: NOW, **options}
    return Tokens(keys=keys or Jwks(lambda: ALL), **said)


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_a_token_of_each_algorithm_is_believed(algorithm: str) -> None:
    assert tokens().verified(signed(algorithm)) == Verified("ann", "t1", ("manager",))


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_a_token_that_was_changed_is_not(algorithm: str) -> None:
    head, _, seal = signed(algorithm).split(".")
    with pytest.raises(TokenRefused):
        tokens().verified(f"{head}.{part({**CLAIMS, 'tenant': 't2'})}.{seal}")


@pytest.mark.parametrize(
    "name", ["none", "None", "NONE", "", None, 1, ["HS256"], {"a": 1}, "HS512", "ES256", "RSA-OAEP"]
)
def test_no_other_algorithm_is_believed(name: object) -> None:
    for seal in ("", signed("HS256").rpartition(".")[2]):
        with pytest.raises(TokenRefused):
            tokens().verified(f"{part({'alg': name, 'kid': 'shared'})}.{part(CLAIMS)}.{seal}")


def test_a_public_key_is_no_secret() -> None:
    confused = [RSA.as_pem(private=False), RSA.as_der(private=False), json.dumps(RSA.as_dict(private=False)).encode()]
    for secret in confused:
        head = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(CLAIMS)}"
        with pytest.raises(TokenRefused):
            tokens().verified(f"{head}.{_hmac(secret, head)}")


def _hmac(secret: bytes, text: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), hashlib.sha256)).decode().rstrip("=")


def test_a_key_serves_only_the_algorithm_it_was_made_for() -> None:
    bound = json.dumps({"keys": [{**RSA.as_dict(private=False), "alg": "RS512"}]}).encode()
    with pytest.raises(TokenRefused):
        tokens(Jwks(lambda: bound)).verified(signed("RS256"))
    encrypting = json.dumps({"keys": [PUBLIC[1], {**PUBLIC[0], "use": "enc"}]}).encode()
    with pytest.raises(TokenRefused):
        tokens(Jwks(lambda: encrypting)).verified(signed("RS256"))


def test_an_algorithm_that_was_not_allowed_is_refused_though_its_key_is_there() -> None:
    with pytest.raises(TokenRefused):
        tokens(algorithms=("RS256",)).verified(signed("HS256"))


def test_the_key_is_never_the_token_s_own() -> None:
    head = {"alg": "RS256", "kid": "rsa", "jwk": OTHER_RSA.as_dict(private=False), "jku": "http://127.0.0.1:1/keys"}
    with pytest.raises(TokenRefused):
        tokens().verified(jwt.encode(head, dict(CLAIMS), OTHER_RSA, registry=Any_(strict_check_header=False)))


def test_an_unknown_key_is_refused_and_an_unnamed_one_where_there_is_a_choice() -> None:
    with pytest.raises(TokenRefused):
        tokens().verified(signed("RS256", kid="another"))
    assert tokens().verified(signed("RS256", kid=None)).actor == "ann"
    two = json.dumps({"keys": [*PUBLIC, {**OTHER_RSA.as_dict(private=False), "kid": "new"}]}).encode()
    with pytest.raises(TokenRefused):
        tokens(Jwks(lambda: two)).verified(signed("RS256", kid=None))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "other"}, {"aud": ...}, {"aud": ["other"]}, {"aud": {"stays": 1}},
        {"iss": "https://evil"}, {"iss": ...},
        {"exp": ...}, {"exp": "soon"}, {"exp": None}, {"exp": True}, {"nbf": NOW + 100}, {"iat": NOW + 100},
        {"sub": ...}, {"sub": ""}, {"sub": ["ann"]}, {"sub": "a\x00b"}, {"sub": "x" * 201},
        {"sub": " ann"},
        {"tenant": {"id": 1}}, {"tenant": True}, {"tenant": "a\nb"}, {"tenant": 1.5},
        {"roles": {"a": 1}}, {"roles": ["a,b"]}, {"roles": [1]}, {"roles": [["a"]]}, {"roles": ["r"] * 33},
        {"roles": "a,b"}, {"roles": [""]},
    ],
)  # fmt: skip
def test_what_a_token_says_is_examined(claims: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        tokens().verified(signed("HS256", **claims))


def test_clocks_may_differ_by_the_skew_and_no_more() -> None:
    assert tokens().verified(signed("HS256", exp=NOW - 29, nbf=NOW + 29)).actor == "ann"
    with pytest.raises(TokenExpired):
        tokens().verified(signed("HS256", exp=NOW - 31))
    with pytest.raises(TokenExpired):
        tokens(skew_s=0).verified(signed("HS256", exp=NOW))


def test_claims_are_found_by_name_and_by_path() -> None:
    named = tokens(tenant="app_metadata.tenant", roles="https://x.example/roles")
    token = signed("HS256", app_metadata={"tenant": 7}, **{"https://x.example/roles": "staff"})
    assert named.verified(token) == Verified("ann", "7", ("staff",))
    assert tokens(tenant="sub.deep").verified(signed("HS256")).tenant == ""


@given(some.text(max_size=300) | some.lists(some.text(max_size=40), min_size=3, max_size=3).map(".".join))
def test_any_text_is_refused_and_nothing_worse(text: str) -> None:
    with pytest.raises(TokenRefused):
        tokens().verified(text)


@given(some.recursive(some.none() | some.booleans() | some.text(), lambda each: some.dictionaries(some.text(), each)))
def test_any_header_and_payload_are_refused_and_nothing_worse(value: Any) -> None:
    head = {"alg": "HS256", "kid": "shared"} | (value if isinstance(value, dict) else {"kid": value})
    with pytest.raises(TokenRefused):
        tokens().verified(f"{part(head)}.{part(value)}.x")


def test_settings_that_protect_nothing_are_refused() -> None:
    with pytest.raises(GuardUnset):
        Secret(b"short")
    with pytest.raises(GuardUnset):
        Jwks.url("http://id.example/keys")
    for algorithms in ((), ("none",), ("HS256", "none")):
        with pytest.raises(GuardUnset):
            tokens(algorithms=algorithms)


def test_keys_of_a_file_are_read_again_when_a_token_names_a_new_one(tmp_path: Path) -> None:
    file, time = tmp_path / "keys.json", [0.0]
    file.write_text(json.dumps({"keys": PUBLIC[1:]}))
    keys = Jwks.file(file, clock=lambda: time[0])
    with pytest.raises(TokenRefused):
        tokens(keys).verified(signed("RS256"))
    file.write_text(json.dumps({"keys": PUBLIC}))
    with pytest.raises(TokenRefused):
        tokens(keys).verified(signed("RS256"))
    time[0] = 11.0
    assert tokens(keys).verified(signed("RS256")).actor == "ann"


def test_a_key_that_was_withdrawn_is_not_believed_once_the_set_is_old() -> None:
    time, said = [0.0], [ALL]
    keys = Jwks(lambda: said[0], clock=lambda: time[0])
    assert tokens(keys).verified(signed("RS256")).actor == "ann"
    said[0], time[0] = json.dumps({"keys": PUBLIC[1:]}).encode(), 301.0
    with pytest.raises(TokenRefused):
        tokens(keys).verified(signed("RS256"))


def test_keys_that_cannot_be_read_anew_are_kept_and_without_any_nobody_is_served() -> None:
    time, said = [0.0], [ALL]
    keys = Jwks(lambda: said[0], clock=lambda: time[0])
    tokens(keys).verified(signed("RS256"))
    for broken in (b"", b"[]", b'{"keys": 1}', b"\xff", b"x" * 1_000_001):
        said[0], time[0] = broken, time[0] + 400
        assert tokens(keys).verified(signed("RS256")).actor == "ann"
        with pytest.raises(KeysUnavailable):
            tokens(Jwks(lambda broken=broken: broken)).verified(signed("RS256"))


def test_while_keys_are_read_who_knows_one_goes_on_and_who_knows_none_waits() -> None:
    begun, may_end, time, said = (
        threading.Event(),
        threading.Event(),
        [0.0],
        [json.dumps({"keys": PUBLIC[1:]}).encode()],
    )

    def read() -> bytes:
        begun.set()
        assert may_end.wait(10)
        return said[0]

    keys = Jwks(read, clock=lambda: time[0])
    believed: list[str] = []

    def check(token: str) -> threading.Thread:
        thread = threading.Thread(target=lambda: believed.append(tokens(keys).verified(token).actor))
        thread.start()
        return thread

    for algorithm, now in (("EdDSA", 0.0), ("RS256", 301.0)):
        begun.clear()
        may_end.clear()
        time[0] = now
        running = [check(signed(algorithm))]
        assert begun.wait(10)
        running.append(check(signed(algorithm)))
        assert keys.is_ready("edwards") is (algorithm == "RS256")
        assert not keys.is_ready("rsa")
        said[0] = ALL if algorithm == "RS256" else said[0]
        may_end.set()
        for thread in running:
            thread.join(10)
    assert believed == ["ann"] * 4


@contextmanager
def served(answers: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers(self)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/keys"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_keys_of_a_url_are_fetched_once_however_many_tokens_name_unknown_ones() -> None:
    asked: list[str] = []

    def answers(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(ALL)

    with served(answers) as url:
        keys = Jwks.url(url)
        assert not tokens(keys).is_ready(signed("RS256"))
        assert tokens(keys).verified(signed("RS256")).actor == "ann"
        assert tokens(keys).is_ready(signed("RS256"))
        for number in range(20):
            with pytest.raises(TokenRefused):
                tokens(keys).verified(signed("RS256", kid=f"unknown{number}"))
    assert len(asked) == 1


def test_a_redirection_is_not_followed() -> None:
    def answers(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("location", "/elsewhere")
        handler.end_headers()

    with served(answers) as url, pytest.raises(KeysUnavailable):
        tokens(Jwks.url(url)).verified(signed("RS256"))


def test_a_set_may_be_one_of_joserfc_s() -> None:
    text = json.dumps(KeySet([RSA]).as_dict(private=False)).encode()
    assert tokens(Jwks(lambda: text)).verified(signed("RS256")).actor == "ann"


def test_a_secret_answers_to_its_name() -> None:
    assert tokens(Secret(SHARED)).verified(signed("HS256", kid="any")).actor == "ann"
    assert tokens(Secret(SHARED, kid="shared")).verified(signed("HS256")).actor == "ann"
    with pytest.raises(TokenRefused):
        tokens(Secret(SHARED, kid="shared")).verified(signed("HS256", kid="any"))
