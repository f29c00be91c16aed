#!/usr/bin/env python
"""Run an operator's command, for example `manage.py runpipeline --project demo`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signalops_site.settings")
    if sys.argv[1:2] == ["doctor"]:
        from signalops_site.doctor.preflight import refuse_broken_start

        refuse_broken_start(sys.argv[2:])  # settings that do not load are a finding, too
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
