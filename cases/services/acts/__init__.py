"""Move a case on: one door for every act, one small function for what each act changes."""

from cases.services.acts.doing import ActInput, Doing
from cases.services.acts.door import perform_act

__all__ = ["ActInput", "Doing", "perform_act"]
