"""What does a text of SQL tell about effects that no rollback takes back? One table: pattern, reason, occasions.

A text is read, not run: what it puts together at run time (``execute 'sel' || 'ect dblink(...)'``), reads from a table
or spells with ``chr`` cannot be seen here (docs/decisions/0002).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Flag, auto

__all__ = ["CHANGES_ROLE", "Occasion", "effect", "plain"]


class Occasion(Flag):
    """How a function comes to run: it is called by name, or fired by a statement on a table or view."""

    CALLED = auto()
    FIRED = auto()


CHANGES_ROLE = "changes the role it runs as, or the bounds of its time"
_BOTH = Occasion.CALLED | Occasion.FIRED
_CALLED = Occasion.CALLED
# Where a statement may start: in a body, a block, or a text that is executed.
_START = r"(?:^|[;'$]|\b(?:begin|atomic|then|else|loop)\b)\s*"
_BOUND = r"(role|session\s+authorization|session_authorization|session_replication_role|\w+_timeout)\b"
_SUPABASE_QUEUE = r"(?<!\bnet\.)(?<!\bsupabase_functions\.)"

# What a transaction takes back counts only for functions called at will: held sequences, notifications, queues
# (pg_net, pgmq, pg_cron) and locks of the transaction all go with it.
_TABLE = (
    (
        rf"{_START}set\s+((local|session)\s+)?{_BOUND}|\breset\s+({_BOUND}|all\b)"
        rf"|\bset_config\s*\([\s(]*((setting_name|cast)\s*(=>|:=|\()\s*)?(e?'|\$\w*\$){_BOUND}|\bupdate\s+(only\s+)?(pg_catalog\.)?pg_settings\b",
        CHANGES_ROLE,
        _BOTH,
    ),
    (r"\bdblink", "opens a connection of its own (dblink)", _BOTH),
    (
        rf"{_SUPABASE_QUEUE}\bhttp_(get|post|put|patch|delete|head|request)\s*\(|\bextensions\.http|(?<!\.)\bhttp\s*\("
        r"|\bpublic\.http\s*\(|\b(aws_lambda|aws_s3|azure_\w+|google_ml|utl_http|utl_smtp|amqp|kafka)\.\w"
        r"|\bai\.(openai|ollama|anthropic|cohere|voyageai|litellm)_",
        "sends requests over the network",
        _BOTH,
    ),
    (r"\bpg_net\b|\bnet\.http|\bhttp_collect|\bpgsql_http", "sends requests over the network", _CALLED),
    (
        r"\bcopy\b.{0,4000}?\b((to|from)\s+program\b|to\s+(e?'|\$|%l))|\bcreate\s+(foreign\s+table|server)\b",
        "writes files or runs programs (COPY, foreign tables)",
        _BOTH,
    ),
    (r"\bcopy\b.{0,4000}?\bfrom\s+(e?'|\$|%l)", "reads files (COPY)", _CALLED),
    (
        r"(\b|be_)lo_(export|import)\b|\bpg_file_(write|rename|unlink|sync)|\butl_file\.",
        "touches files of the server",
        _BOTH,
    ),
    (
        r"\bpg_(read|write|stat)_(binary_)?file\b|\bpg_ls_\w*dir\b|\bpg_file_|\bpg_logdir_ls\b",
        "touches files of the server",
        _CALLED,
    ),
    (rf"{_START}load\s+e?'", "loads a library into the server", _BOTH),
    (r"\b(nextval|setval)\s*\(", "moves a sequence", _CALLED),
    (rf"\bpg_notify\s*\(|{_START}notify\s", "sends a notification", _CALLED),
    (r"\bpg_sleep", "sleeps", _CALLED),
    (r"\bpg_(try_)?advisory_(un)?lock", "takes or releases locks that outlive the transaction", _BOTH),
    (r"\bpg_(try_)?advisory_", "takes advisory locks", _CALLED),
    (
        r"\bpg_(terminate|cancel)_backend\b|\bpg_reload_conf\b|\bpg_rotate_logfile\b|\bpg_promote\b|\bpg_backup_st"
        r"|\bpg_background_launch|\bdbms_(pipe|alert)\.",
        "acts on the server's processes",
        _BOTH,
    ),
    (
        r"\bpg_(switch_wal|create_restore_point|wal_replay_\w+|stat\w*_reset\w*)\b|\bpg_\w*replication_(slot|origin)_?\w*"
        r"|\bpg_logical_slot_get|\bpg_copy_\w+_slot\b|\b(create|alter|drop)\s+subscription\b|\bimport\s+foreign\s+schema\b"
        r"|\bpg_logical_emit_message\s*\(\s*(transactional\s*(=>|:=)\s*)?(?!(transactional|true|'t))[\w']",
        "acts outside the transaction",
        _BOTH,
    ),
    (r"\bpg_logical_emit_message\b|\bvault\.", "acts outside the transaction", _CALLED),
    (r"\b(cron|pgmq|pgtle|aws_commons)\.\w", "hands work to another process", _CALLED),
    (r"\bu&[\"']", "spells names in escapes (U&), which may be any of these", _BOTH),
)


@dataclass(frozen=True)
class _Row:
    pattern: re.Pattern[str]
    reason: str
    occasions: Occasion


_ROWS = tuple(_Row(re.compile(text, re.IGNORECASE | re.DOTALL), reason, when) for text, reason, when in _TABLE)
# Strings, quoted names and dollar quotes are kept whole, so that a comment mark in one hides nothing.
_COMMENT = re.compile(r"--[^\n]*\n|/\*.*?\*/", re.DOTALL)
_TOKENS = re.compile(
    r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$])\$((?:[^\W\d]\w*)?)\$.*?\$\2\$)|--[^\n]*|/\*.*?\*/""", re.DOTALL
)


def effect(text: str, occasion: Occasion, *, allowed: str = "") -> str:
    """Say what the text may do that a rollback does not undo, as a verb and its object; empty when nothing tells so.

    ``allowed`` is a reason that does not count, because its effect is wanted and looked at.
    """
    bare = plain(text)
    rows = (row for row in _ROWS if occasion & row.occasions and row.reason != allowed)
    return next((row.reason for row in rows if row.pattern.search(bare)), "")


def plain(text: str) -> str:
    """Give a text without comments, quotes around names and blanks around dots, to look for names in."""
    # why: after a backslash it depends on settings where a string ends, so comments stay, which at worst skips too much
    bare = text if "\\'" in text else _TOKENS.sub(lambda found: found.group(1) or " ", text)
    # why: a comment left over may stand in a text that is executed, between any two tokens
    bare += _COMMENT.sub(" ", bare) if _COMMENT.search(bare) else ""
    return re.sub(r"\s*\.\s*", ".", re.sub(r'(?<!&)"', "", bare))
