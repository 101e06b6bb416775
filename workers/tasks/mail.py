"""Send what is queued."""

from celery import shared_task
from django.utils import timezone

from notices.selectors import messages_due
from notices.services import deliver_message


@shared_task
def deliver(message_id: int) -> None:
    deliver_message(message_id=message_id)


@shared_task
def send_due() -> None:
    """One task per mail, so that a slow server for one does not hold up the others."""
    for message_id in messages_due(now=timezone.now()).values_list("pk", flat=True)[:200]:
        deliver.delay(message_id)
