"""What can stand in the way of a write, apart from wrong input (Django's ValidationError)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID


class CaseNotFoundError(Exception):
    """There is no such case, or it is not for this person to know."""


class ClientIdConflictError(Exception):
    """The client id was used before, for something else."""

    def __init__(self, client_id: UUID) -> None:
        super().__init__(str(client_id))
        self.client_id = client_id


class NotAllowedNowError(Exception):
    """The table has no such move from the state the case is in."""

    def __init__(self, *, act: str, state: str) -> None:
        super().__init__(f"{act} from {state}")
        self.act = act
        self.state = state


class NotYoursError(Exception):
    """The move exists, but not for this person."""

    def __init__(self, *, act: str) -> None:
        super().__init__(act)
        self.act = act


class PartyToItError(NotYoursError):
    """A conflict is decided by somebody else of the center: this person is one of the two."""


class StaleVersionError(Exception):
    """The case changed since it was read: by whom, how and when."""

    def __init__(self, *, current: int, act: str, by: str, at: datetime) -> None:
        super().__init__(f"now at {current}")
        self.current = current
        self.act = act
        self.by = by
        self.at = at


class CannotTakeError(Exception):
    """What came too late cannot be done by the one who decides, not on the case as it is: what can be."""

    def __init__(self, *, act: str, state: str, possible: tuple[str, ...], why: str = "") -> None:
        """`why` is the rule in words that what was typed does not fit any more."""
        super().__init__(f"{act} from {state}")
        self.act = act
        self.state = state
        self.possible = possible
        self.why = why


class ConflictSettledError(Exception):
    """Somebody decided otherwise meanwhile."""

    def __init__(self, *, by: str, at: datetime) -> None:
        super().__init__(by)
        self.by = by
        self.at = at
