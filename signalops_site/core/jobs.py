"""Background work through django-q2: `enqueue("app.tasks.name", run_id=1)`, sent when the transaction commits.

Jobs take ids and may run twice. Names are strings so that a lower floor never imports an upper one.
"""

from django.db import transaction
from django_q.tasks import async_task


def enqueue(task: str, **ids: int) -> None:
    """Have a worker call the function of that dotted name with these ids, after commit."""
    transaction.on_commit(lambda: async_task(task, **ids))
