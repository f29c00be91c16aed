from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from signalops_site.core.erasing import Certificate, ErasureRequest, erase_person, preview_erasure
from signalops_site.core.errors import Unavailable
from signalops_site.core.management.base import OperatorCommand
from signalops_site.core.scrubbing import scrub

ACTOR = "command:erase"


class Command(OperatorCommand):
    help = "Remove a person from every project. Without --confirm: a preview. Prints a certificate without a name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--platform", required=True, help="such as bluesky")
        parser.add_argument("--handle", default="", help="the person's handle, with or without @")
        parser.add_argument("--user-id", default="", help="the platform's own id, when the handle is not enough")
        parser.add_argument("--confirm", action="store_true", help="really do it; there is no way back")
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        request = ErasureRequest(
            options["platform"], handle=options["handle"], platform_user_id=options["user_id"]
        )
        act = erase_person if options["confirm"] else preview_erasure
        certificate = act(request, by=ACTOR)
        if certificate.erased:
            self._scrub()
        if options["json"]:
            self.print_json({**asdict(certificate), "at": certificate.at.isoformat()})
        else:
            self._print_certificate(certificate)

    def _scrub(self) -> None:
        """Here and now; a worker would do the same a little later."""
        try:
            scrub()
        except Unavailable as error:
            self.stderr.write(error.detail)

    def _print_certificate(self, certificate: Certificate) -> None:
        for line in (
            "Certificate of erasure" if certificate.erased else "Preview: nothing was removed (add --confirm)",
            f"time    {certificate.at.isoformat(timespec='seconds')}",
            f"digest  {certificate.digest}",
            *([f"entry   {certificate.id} of the audit log"] if certificate.id else []),
            *(f"{count:>7} {table}" for table, count in certificate.counts.items()),
            f"{sum(certificate.counts.values()):>7} in all",
        ):
            self.stdout.write(line)
