"""What workers run. Tasks take ids and may be delivered twice."""

from signalops_site.core.errors import DomainError

from .exports import write_export
from .files import folder
from .models import LIVE, Export


def run_export(export_id: int) -> str:
    """Write an export's file. One that is done, has failed or was removed is left as it is."""
    export = Export.objects.select_related("project").filter(pk=export_id, state__in=LIVE).first()
    if export is None:
        return "nothing to do"
    try:
        done = write_export(export, path=folder() / export.filename)
    except DomainError as error:
        return error.detail
    return f"{done.rows} rows"
