"""Which plans, plan files and rehearsals are refused, and with what way out."""

from __future__ import annotations

from tenantry.errors import TenantryError

__all__ = [
    "AlreadyApproved",
    "ApprovalsMissing",
    "PlanAltered",
    "PlanElsewhere",
    "PlanExpired",
    "PlanInvalid",
    "PlanUnknown",
    "RehearsalFailed",
    "RehearsalImpossible",
    "RightsMissing",
]


class PlanInvalid(TenantryError):
    """The plan file cannot be used."""

    code = "TN034"
    way_out = "Nothing was changed. Write it with `tenantry plan URL --out FILE`."


class PlanUnknown(TenantryError):
    """The journal of this database does not know the plan."""

    code = "TN042"
    way_out = "Nothing was noted. Run the exported files on this database first, or leave --plan out."


class PlanAltered(TenantryError):
    """The plan file is no longer what tenantry wrote: its id does not belong to what it says."""

    code = "TN060"
    way_out = "Nothing was changed. Make it anew with `tenantry plan URL --out FILE`, and have it approved."


class PlanExpired(TenantryError):
    """The plan file has expired."""

    code = "TN061"
    way_out = "Nothing was changed. Make it anew with `tenantry plan URL --out FILE`, and have it approved."


class PlanElsewhere(TenantryError):
    """The plan file was made for another server or database."""

    code = "TN062"
    way_out = "Nothing was changed. Name the database it was made for, or make a plan for this one."


class ApprovalsMissing(TenantryError):
    """Too few people approved the plan."""

    code = "TN063"
    way_out = (
        "Nothing was changed. Write the plan with `tenantry plan URL --out FILE`, let each who has read it run "
        "`tenantry approve FILE --as NAME`, and apply it with `tenantry apply URL --plan FILE`."
    )


class AlreadyApproved(TenantryError):
    """The same person approved the plan before, and counts once."""

    code = "TN064"
    way_out = "Nothing was changed. Let somebody else read it and approve it."


class RehearsalFailed(TenantryError):
    """On a copy, the plan did not lead there and back again."""

    code = "TN065"
    way_out = "The database was only read. Do not apply this plan; please report it with the lines above."


class RehearsalImpossible(TenantryError):
    """No copy of the database could be made to rehearse on."""

    code = "TN066"
    way_out = (
        "The database was only read. Install what is named here where tenantry runs, or rehearse by hand: apply, "
        "undo and apply on a restored backup."
    )


class RightsMissing(TenantryError):
    """The connecting role lacks a right that the plan needs."""

    code = "TN067"
    way_out = (
        "Nothing was changed. Apply as a superuser; or as the owner of database and tables, with CREATEROLE, under "
        'profile = "signed" in [context], which needs no superuser.'
    )
