"""What tests need and Pretix's API cannot do. An operation takes the keys of a JSON object and returns what JSON can say."""
from django.db import transaction
from django_scopes import scope, scopes_disabled
from pretix.base.models import Event, Order
from pretix.base.services.orders import OrderChangeManager
from pretix.base.shredder import QuestionAnswerShredder
from pretix.base.signals import periodic_task
from pretix.multidomain.models import KnownDomain

import lab_seed


def run(name, arguments):
    return OPERATIONS[name](**arguments)


@scopes_disabled()
@transaction.atomic
def organizer(**spec):
    return lab_seed.organizer(spec)


def on_event(change):
    """Let an operation work on the event that its first two arguments name, in one transaction."""
    def operation(organizer, event, **arguments):
        with scopes_disabled():
            ev = Event.objects.get(organizer__slug=organizer, slug=event)
        with scope(organizer=ev.organizer), transaction.atomic():
            return change(ev, **arguments)
    return operation


@on_event
def settings(ev, values):
    for key, value in values.items():
        ev.settings.set(key, value)


@on_event
def domain(ev, name):
    """Give the event's shop a domain of its own."""
    KnownDomain.objects.create(domainname=name, organizer=ev.organizer, event=ev, mode=KnownDomain.MODE_EVENT_DOMAIN)
    ev.cache.clear()
    ev.organizer.cache.clear()


@on_event
def split(ev, code, position):
    """Move a position into a new order, as an organizer can in the backend. Returns the new order's code."""
    order = ev.orders.get(code=code)
    manager = OrderChangeManager(order, notify=False)
    manager.split(order.positions.get(pk=position))
    manager.commit()
    return manager.split_order.code


@on_event
def shred(ev):
    """Delete all answers to questions for the sake of privacy."""
    QuestionAnswerShredder(ev).shred_data()


@on_event
def orders(ev, item, variation, question, answers, paid):
    """Write one order per answer, with one ticket each and nobody being told: thousands in seconds. Returns their codes."""
    item = ev.items.get(pk=item)
    variation = item.variations.get(pk=variation) if variation else None
    price = variation.price if variation else item.default_price
    channel = ev.organizer.sales_channels.get(identifier='web')
    codes = []
    for answer in answers:
        order = Order.objects.create(
            event=ev, email='buyer@example.org', status=Order.STATUS_PAID if paid else Order.STATUS_PENDING, total=price,
            locale='en', sales_channel=channel)
        position = order.positions.create(item=item, variation=variation, price=price, positionid=1, tax_rate=0, tax_value=0)
        if answer:
            position.answers.create(question_id=question, answer=answer)
        order.create_transactions(is_new=True)
        codes.append(order.code)
    return codes


def periodic():
    """Run what Pretix does every few minutes, among it the later tries of webhooks."""
    with scopes_disabled():
        return [repr(result) for _, result in periodic_task.send_robust(sender=None) if isinstance(result, Exception)]


OPERATIONS = {
    'organizer': organizer, 'settings': settings, 'domain': domain, 'split': split, 'shred': shred, 'orders': orders,
    'periodic': periodic,
}
