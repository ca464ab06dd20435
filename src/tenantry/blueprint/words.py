"""Which names people give to tenants, users and the columns that point at them.

Weights order candidates only; what a name suggests is confirmed by foreign keys, policies and live probes.
Drawn from the schemas of public multi-tenant projects.
"""

from __future__ import annotations

import re

__all__ = [
    "is_audit_column",
    "is_personal_column",
    "is_user_column",
    "singular",
    "tenant_weight",
    "user_weight",
    "words_of",
]

TENANT_WORDS = {
    "tenant": 100, "organization": 95, "organisation": 95, "org": 95, "company": 88, "workspace": 84,
    "agency": 86, "account": 66, "team": 76, "restaurant": 80, "business": 74, "firm": 74, "clinic": 76,
    "practice": 66, "school": 72, "household": 72, "family": 64, "shop": 66, "store": 66, "merchant": 68,
    "hospital": 72, "studio": 62, "salon": 70, "gym": 68, "club": 62, "church": 66, "hotel": 64, "brand": 50,
    "franchise": 66, "vendor": 44, "site": 44, "property": 36, "client": 38, "customer": 14, "project": 36,
    "group": 30, "community": 44, "space": 34, "lab": 56, "garage": 70, "dealer": 60, "dealership": 66,
    "institution": 62, "enterprise": 72, "partner": 34, "branch": 28, "farm": 60, "warehouse": 24, "center": 40,
    "centre": 40, "entity": 40, "instance": 24, "environment": 10, "department": 10, "server": 16, "guild": 40,
    "pharmacy": 66, "dispensary": 70, "daycare": 68, "academy": 68, "university": 66, "campus": 50, "institute": 62,
    "association": 62, "cooperative": 60, "nonprofit": 66, "charity": 66, "foundation": 60, "parish": 64,
    "congregation": 64, "municipality": 60, "brokerage": 70, "barbershop": 70, "spa": 60, "venue": 56, "facility": 56,
    "licensee": 60, "provider": 44, "supplier": 40, "seller": 40, "carrier": 50, "league": 44, "namespace": 50,
    "realm": 56, "chapter": 40, "winery": 66, "brewery": 66, "bakery": 66, "cafe": 64, "fleet": 40,
    "empresa": 88, "clinica": 76, "escola": 72, "escuela": 72, "loja": 66, "tienda": 66, "negocio": 72,
    "organizacao": 92, "organizacion": 92, "organizzazione": 92, "azienda": 86, "restaurante": 80, "barbearia": 70,
    "academia": 66, "estabelecimento": 74, "imobiliaria": 70, "escritorio": 64, "consultorio": 72, "igreja": 66,
    "condominio": 66, "conta": 50, "mandant": 95, "unternehmen": 86, "verein": 66, "entreprise": 86, "societe": 80,
}  # fmt: skip
USER_WORDS = {
    "user": 100, "account": 40, "profile": 70, "member": 40, "staff": 55, "employee": 50, "person": 45,
    "people": 45, "student": 20, "customer": 10, "login": 40, "actor": 20, "principal": 30,
    "usuario": 100, "utilizador": 90, "perfil": 70, "membro": 40, "miembro": 40, "funcionario": 45, "benutzer": 100,
    "nutzer": 90, "utilisateur": 100, "utente": 90, "gebruiker": 100,
}  # fmt: skip
_USER_COLUMN = re.compile(
    r"^(user|owner|profile|member|author|creator|sender|recipient|receiver|student|teacher|employee|staff|person"
    r"|account_owner|primary_owner|primary_owner_user|auth_user|customer_user|owner_user|assigned_user|uploader"
    r"|requester|reviewer|sub|uid|clerk_user|follower|following|friend|buyer|seller|host|guest|driver|client_user"
    r"|usuario|utilizador|benutzer|utilisateur|\w+_user|\w+_profile)"
    r"(_id|_uuid|_uid|id)?$|^(user|owner)(Id|ID)$|^(uploaded|sent|owned|submitted|requested|posted|authored)_by(_id)?$"
    r"|^id_(usuario|user|utilisateur|benutzer)$"
)
_AUDIT_COLUMN = re.compile(
    r"^(?!(?:owned|uploaded|submitted|requested|posted|authored)_by)(\w+ed|last_\w+|given|run|set|made|done|taken|held)"
    r"_by(_(?:id|uuid|uid|user|profile|member|admin|staff)(?:_id)?)?$"
)


_PERSONAL_COLUMN = re.compile(
    r"(^|_)(e?mail|phone|mobile|whatsapp|password|passwd|secret|access_token|refresh_token|api_?key|ssn|cpf|iban"
    r"|date_of_birth|birth_?date|dob|ip_address|ip|salary|otp|otp_code)(_hash|_number|_address)?$"
)


def is_personal_column(name: str) -> bool:
    """Say whether a column holds what is somebody's by its nature: a person's data, or a secret."""
    return bool(_PERSONAL_COLUMN.search(name))


def words_of(name: str) -> list[str]:
    """Split a snake_case or camelCase name into lower-case words."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word]


def singular(word: str) -> str:
    """Give the singular of a regular English plural."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def tenant_weight(table: str) -> int:
    """Weigh how much a table's name sounds like a list of tenants; compound names count less."""
    return _weight(table, TENANT_WORDS)


def user_weight(table: str) -> int:
    """Weigh how much a table's name sounds like a list of users."""
    return _weight(table, USER_WORDS)


def is_user_column(name: str) -> bool:
    """Say whether a column name sounds like the user a row belongs to."""
    return bool(_USER_COLUMN.match(name))


def is_audit_column(name: str) -> bool:
    """Say whether a column names who touched a row, which is not the same as whose row it is."""
    return bool(_AUDIT_COLUMN.match(name))


def _weight(name: str, weights: dict[str, int]) -> int:
    words = [singular(word) for word in words_of(name)]
    if not words:
        return 0
    if len(words) == 1:
        return weights.get(words[0], 0)
    # why: app_users and tbl_tenant are lists; team_members and account_settings are about something else
    is_prefixed = len(words) == 2 and words[0] in (
        "app",
        "tbl",
        "t",
        "core",
        "sys",
        "my",
        "public",
        "auth",
        "saas",
    )
    return weights.get(words[-1], 0) * (9 if is_prefixed else 4) // 10
