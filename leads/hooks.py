"""Where upper floors take part in what happens to leads, inside its transaction."""

from collections.abc import Mapping, Sequence

from signalops_site.core.hooks import Hook

from .models import Decision, Outcome

decision_made: Hook[[Decision], None] = Hook("decision_made")
"""Called with every new decision: on a draft, a label, a snooze, an assignment."""

decision_undone: Hook[[Decision], None] = Hook("decision_undone")
"""Called with a decision that its maker takes back, after the state before it has been restored."""

post_emptied: Hook[[Sequence[int]], Mapping[str, int]] = Hook("post_emptied")
"""Called with the ids of the leads whose posts go: what repeats them goes as well. It answers the rows that were
removed, by table.
"""

outcome_recorded: Hook[[Outcome], None] = Hook("outcome_recorded")
"""Called with every new outcome of what was sent, be it seen at the platform or recorded by a person."""
