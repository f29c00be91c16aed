"""Where upper floors take part in a person's decision, inside its transaction."""

from signalops_site.core.hooks import Hook

from .models import Decision

decision_made: Hook[[Decision], None] = Hook("decision_made")
"""Called with every new decision: approve, edit, reject and label."""

decision_undone: Hook[[Decision], None] = Hook("decision_undone")
"""Called with a decision that its maker takes back, after the state before it has been restored."""
