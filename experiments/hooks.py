"""The hook of this floor: whoever runs models says whether one could be run.

The registry lies below the judges and knows none of them, but must not activate a model that the next
run could not use.
"""

from signalops_site.core.hooks import Hook

from .models import ModelVersion

objections: Hook[[ModelVersion], str] = Hook("model_objections")
"""Each app that runs models says in a sentence why this one cannot be run here; '' when it can."""
