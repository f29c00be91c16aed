"""Where upper floors take part in what happens to accounts."""

from signalops_site.core.hooks import Hook

from .models import Account

account_refused: Hook[[Account], None] = Hook("account_refused")
"""Called with an account that its platform refused while it was used, when that is noted and its queries pause."""
