"""What was deleted leaves the database's files too.

SQLite only marks deleted rows as free: what they held stands in the file until something is written over it, and
in the write-ahead log until that is begun anew. So after an erasure the file is written anew without it.
PostgreSQL does the like by itself (autovacuum), and its files are nobody's but the server's.
"""

from django.db import OperationalError, connection

from .errors import Unavailable
from .jobs import Cluster, enqueue

TASK = "signalops_site.core.tasks.scrub"


def scrub() -> None:
    """Write the file anew, and empty its log. Unavailable while others are at work in it. Not in a transaction."""
    if connection.vendor != "sqlite":
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy = cursor.fetchone()[0]
    except OperationalError:
        is_busy = True
    if is_busy:
        raise Unavailable(
            "Others are at work in the database. A worker takes what was deleted out of its file later."
        )


def scrub_soon() -> None:
    """Have a worker do it once the present transaction is committed."""
    if connection.vendor == "sqlite":
        enqueue(TASK, cluster=Cluster.SHORT, keep_result=False)
