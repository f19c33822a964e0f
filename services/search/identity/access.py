"""The table of routes and roles: what a caller must be, and be allowed, to ask each of them. No row, no answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.search.identity.roles import Role, Scope


@dataclass(frozen=True)
class Access:
    """What a route wants.

    Without a role it answers anybody. Without a scope, but with a role, it takes a person's own session and no key, unless
    it is one with one of `key_scopes`. `changes` is whether it is written into the audit log; every route that changes or
    pays for something is.
    """

    role: Role | None
    scope: Scope | None
    changes: bool
    key_scopes: frozenset[Scope] = frozenset()

    @property
    def is_open(self) -> bool:
        """Whether it answers anybody."""
        return self.role is None


ANYBODY = Access(None, None, changes=False)
SIGNS_IN = Access(None, None, changes=True)
KNOWN = Access(Role.VIEWER, None, changes=False, key_scopes=frozenset(Scope))
"""For everybody who is known, however little a key was given."""
OWN = Access(Role.VIEWER, None, changes=False)
OWN_CHANGES = Access(Role.VIEWER, None, changes=True)
OWN_KEYS = Access(Role.VIEWER, None, changes=False, key_scopes=frozenset({Scope.MANAGE}))
"""What is about a person's own keys; a key that may manage people may do by itself what their owner could."""
OWN_KEYS_CHANGES = Access(Role.VIEWER, None, changes=True, key_scopes=frozenset({Scope.MANAGE}))
READS = Access(Role.VIEWER, Scope.READ, changes=False)
KEEPS = Access(Role.VIEWER, Scope.READ, changes=True)
WRITES = Access(Role.EDITOR, Scope.WRITE, changes=True)
LINKS = Access(Role.EDITOR, Scope.WRITE, changes=False)
"""For the thousands of links of one upload, which the log has as one: its beginning and its end."""
SPENDS = Access(Role.EDITOR, Scope.SPEND, changes=True)
LOOKS_AFTER = Access(Role.ADMIN, Scope.MANAGE, changes=False)
MANAGES = Access(Role.ADMIN, Scope.MANAGE, changes=True)

ACCESS: Mapping[tuple[str, str], Access] = {
    # The page, health and the description of the API
    ("GET", "/"): ANYBODY,
    ("GET", "/livez"): ANYBODY,
    ("GET", "/readyz"): ANYBODY,
    ("GET", "/metrics"): ANYBODY,
    ("GET", "/api/openapi.json"): ANYBODY,
    # Sessions, people and keys
    ("GET", "/api/session"): KNOWN,
    ("POST", "/api/session"): SIGNS_IN,
    ("DELETE", "/api/session"): OWN_CHANGES,
    ("PUT", "/api/session/password"): OWN_CHANGES,
    ("GET", "/api/session/ways"): ANYBODY,
    ("GET", "/api/oidc/login"): ANYBODY,
    ("GET", "/api/oidc/callback"): ANYBODY,  # it writes the audit log itself, for who is vouched for
    ("GET", "/api/sessions"): OWN,
    ("DELETE", "/api/sessions"): OWN_CHANGES,
    ("DELETE", "/api/sessions/{session_id}"): OWN_CHANGES,
    ("GET", "/api/people"): LOOKS_AFTER,
    ("POST", "/api/people"): MANAGES,
    ("GET", "/api/people/{person_id}"): LOOKS_AFTER,
    ("PATCH", "/api/people/{person_id}"): MANAGES,
    ("POST", "/api/people/{person_id}/password"): MANAGES,
    ("GET", "/api/keys"): OWN_KEYS,
    ("POST", "/api/keys"): OWN_KEYS_CHANGES,
    ("DELETE", "/api/keys/{key_id}"): OWN_KEYS_CHANGES,
    # Search
    ("GET", "/api/search"): READS,
    ("GET", "/api/search/like"): READS,
    ("GET", "/api/searches"): READS,
    ("POST", "/api/searches"): KEEPS,
    ("GET", "/api/searches/{search_id}"): READS,
    ("PATCH", "/api/searches/{search_id}"): KEEPS,
    ("DELETE", "/api/searches/{search_id}"): KEEPS,
    ("GET", "/api/searches/{search_id}/answer"): READS,
    # Files
    ("GET", "/api/files"): READS,
    ("GET", "/api/files/{file_id}"): READS,
    ("GET", "/api/files/{file_id}/analyses"): READS,
    ("GET", "/api/files/{file_id}/analysis"): READS,
    ("GET", "/api/files/{file_id}/frame"): READS,
    ("GET", "/api/files/{file_id}/frame.jpg"): READS,
    ("GET", "/api/files/{file_id}/renditions/{name}"): READS,
    ("PUT", "/api/files/{file_id}/tags/{tag_id}"): WRITES,
    ("DELETE", "/api/files/{file_id}/tags/{tag_id}"): WRITES,
    ("GET", "/api/files/{file_id}/transcript.{extension}"): READS,
    ("GET", "/api/files/{file_id}/transcripts"): READS,
    ("POST", "/api/files/{file_id}/transcripts"): WRITES,
    ("PUT", "/api/files/{file_id}/transcripts/chosen"): WRITES,
    # Tags and collections
    ("GET", "/api/tags"): READS,
    ("POST", "/api/tags"): WRITES,
    ("PATCH", "/api/tags/{tag_id}"): WRITES,
    ("DELETE", "/api/tags/{tag_id}"): WRITES,
    ("POST", "/api/tags/{tag_id}/files"): WRITES,
    ("POST", "/api/tags/{tag_id}/merge"): WRITES,
    ("GET", "/api/collections"): READS,
    ("POST", "/api/collections"): WRITES,
    ("GET", "/api/collections/{collection_id}"): READS,
    ("PATCH", "/api/collections/{collection_id}"): WRITES,
    ("DELETE", "/api/collections/{collection_id}"): WRITES,
    ("GET", "/api/collections/{collection_id}/files"): READS,
    ("POST", "/api/collections/{collection_id}/files"): WRITES,
    # Share links: guests show a token of their own, which their two routes check themselves
    ("GET", "/s"): ANYBODY,
    ("GET", "/api/shared"): ANYBODY,
    ("GET", "/api/shares"): READS,
    ("POST", "/api/shares"): WRITES,
    ("GET", "/api/shares/{share_id}"): READS,
    ("PATCH", "/api/shares/{share_id}"): WRITES,
    ("DELETE", "/api/shares/{share_id}"): WRITES,
    # Imports, rescans, watched folders, uploads
    ("POST", "/api/files/import-directory"): WRITES,
    ("POST", "/api/files/rescan"): WRITES,
    ("POST", "/api/files/{name}/{job_id}/apply"): WRITES,
    ("POST", "/api/files/{name}/{job_id}/cancel"): WRITES,
    ("GET", "/api/files/{name}/{job_id}/report"): READS,
    ("GET", "/api/files/{name}/{job_id}/status"): READS,
    ("GET", "/api/watches"): READS,
    ("POST", "/api/watches"): WRITES,
    ("PATCH", "/api/watches/{watch_id}"): WRITES,
    ("DELETE", "/api/watches/{watch_id}"): WRITES,
    ("GET", "/api/uploads"): READS,
    ("POST", "/api/uploads"): WRITES,
    ("GET", "/api/uploads/{upload_id}"): READS,
    ("PUT", "/api/uploads/{upload_id}"): WRITES,
    ("DELETE", "/api/uploads/{upload_id}"): WRITES,
    ("POST", "/api/uploads/{upload_id}/complete"): WRITES,
    ("GET", "/api/uploads/{upload_id}/parts"): READS,
    ("POST", "/api/uploads/{upload_id}/parts/{number}/link"): LINKS,
    # Transcripts
    ("GET", "/api/transcripts/{transcript_id}"): READS,
    ("DELETE", "/api/transcripts/{transcript_id}"): WRITES,
    ("GET", "/api/transcripts/{transcript_id}/edits"): READS,
    ("POST", "/api/transcripts/{transcript_id}/edits/{edit_id}/undo"): WRITES,
    ("GET", "/api/transcripts/{transcript_id}/export"): READS,
    ("POST", "/api/transcripts/{transcript_id}/segments"): WRITES,
    ("PATCH", "/api/transcripts/{transcript_id}/segments/{segment_id}"): WRITES,
    ("DELETE", "/api/transcripts/{transcript_id}/segments/{segment_id}"): WRITES,
    ("POST", "/api/transcripts/{transcript_id}/segments/{segment_id}/merge"): WRITES,
    ("POST", "/api/transcripts/{transcript_id}/segments/{segment_id}/split"): WRITES,
    ("POST", "/api/transcripts/{transcript_id}/speakers"): WRITES,
    # Jobs
    ("GET", "/api/jobs/{job_id}"): READS,
    ("GET", "/api/jobs/{job_id}/files"): READS,
    ("GET", "/api/batch"): READS,
    ("POST", "/api/batch/{action}"): SPENDS,
    ("POST", "/api/batch/{job_id}/cancel"): WRITES,
    ("GET", "/api/batch/{job_id}/items"): READS,
    ("POST", "/api/batch/{job_id}/retry"): SPENDS,
    ("GET", "/api/batch/{job_id}/status"): READS,
    ("POST", "/api/proxies/reconcile"): WRITES,
    ("GET", "/api/proxies/reconcile/{job_id}"): READS,
    ("POST", "/api/proxies/reconcile/{job_id}/apply"): WRITES,
    ("GET", "/api/proxies/reconcile/{job_id}/items"): READS,
    # Nova
    ("POST", "/api/nova/analyze"): SPENDS,
    ("POST", "/api/nova/cancel/{nova_job_id}"): WRITES,
    ("GET", "/api/nova/status/{nova_job_id}"): READS,
    ("GET", "/api/nova/results/{nova_job_id}"): READS,
    ("GET", "/api/nova/results/{nova_job_id}/export"): READS,
    ("POST", "/api/nova/image/analyze"): SPENDS,
    ("POST", "/api/nova/image/cancel/{nova_job_id}"): WRITES,
    ("GET", "/api/nova/image/models"): READS,
    ("GET", "/api/nova/image/results/{nova_job_id}"): READS,
    ("GET", "/api/nova/image/status/{nova_job_id}"): READS,
    ("GET", "/api/nova/models"): READS,
    ("POST", "/api/nova/models/refresh"): MANAGES,
    ("POST", "/api/nova/estimate-cost"): READS,
    ("GET", "/api/nova/embeddings"): READS,
    ("POST", "/api/nova/embeddings/generate"): SPENDS,
    ("GET", "/api/nova/export"): READS,
    ("GET", "/api/nova/stale"): READS,
    ("POST", "/api/nova/stale/renew"): SPENDS,
    ("GET", "/api/nova/usage"): READS,
    ("GET", "/reports/api/summary"): READS,
    ("GET", "/api/nova/budgets"): READS,
    ("POST", "/api/nova/budgets"): MANAGES,
    ("PUT", "/api/nova/budgets/{budget_id}"): MANAGES,
    ("DELETE", "/api/nova/budgets/{budget_id}"): MANAGES,
    # Events and dead letters
    ("GET", "/api/events"): READS,
    ("GET", "/api/events/log"): LOOKS_AFTER,
    ("GET", "/api/events/log/{event_id}"): LOOKS_AFTER,
    ("POST", "/api/events/replay"): MANAGES,
    ("POST", "/api/events/rebuild"): MANAGES,
    ("GET", "/api/events/rebuild/{job_id}"): LOOKS_AFTER,
    ("POST", "/api/events/rebuild/{job_id}/cancel"): MANAGES,
    ("GET", "/api/dead-letters"): LOOKS_AFTER,
    ("POST", "/api/dead-letters/resend"): MANAGES,
    ("GET", "/api/dead-letters/{letter_id}"): LOOKS_AFTER,
    ("PATCH", "/api/dead-letters/{letter_id}"): MANAGES,
    ("POST", "/api/dead-letters/{letter_id}/resend"): MANAGES,
    # The audit log
    ("GET", "/api/audit"): LOOKS_AFTER,
    ("GET", "/api/audit/export"): LOOKS_AFTER,
    ("GET", "/api/audit/{entry_id}"): LOOKS_AFTER,
}
"""By method and path as the route is declared."""
