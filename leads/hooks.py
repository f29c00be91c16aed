"""Where upper floors take part in what happens to leads, inside its transaction."""

from collections.abc import Sequence

from signalops_site.core.hooks import Hook

from .models import Decision, Lead

decision_made: Hook[[Decision], None] = Hook("decision_made")
"""Called with every new decision: approve, edit, reject and label."""

decision_undone: Hook[[Decision], None] = Hook("decision_undone")
"""Called with a decision that its maker takes back, after the state before it has been restored."""

post_emptied: Hook[[Sequence[int]], None] = Hook("post_emptied")
"""Called with the ids of the leads whose posts are gone at their platform: what repeats them goes as well."""

suppressed: Hook[[Lead], str] = Hook("suppressed")
"""Asked before a lead's author is sent anything: why they must not be, in a sentence; empty: they may."""
