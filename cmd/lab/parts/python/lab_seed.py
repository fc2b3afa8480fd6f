"""Makes a fresh organizer with events, teams and tokens."""
import secrets
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from i18nfield.strings import LazyI18nString
from pretix.api.models import OAuthApplication
from pretix.base.models import Event, Organizer, Question, TeamAPIToken, User

PASSWORD = 'lab-password'
PLUGINS = 'pretix.plugins.manualpayment,pretix.plugins.banktransfer,pretix.plugins.ticketoutputpdf'
SETTINGS = {
    'timezone': 'UTC', 'locales': ['en', 'de'], 'locale': 'en', 'name_scheme': 'full', 'payment_manual__enabled': True,
    'allow_modifications': 'attendee', 'attendee_names_asked': True, 'attendee_emails_asked': True,
    'invoice_address_asked': False, 'payment_term_days': 14, 'cancel_allow_user': True, 'cancel_allow_user_paid': True,
    'change_allow_user_variation': True,
}


def text(english, german):
    return LazyI18nString({'en': english, 'de': german})


def organizer(spec):
    """Make everything that the specification asks for, and describe it."""
    org = Organizer.objects.create(slug=spec['slug'], name=spec['name'])
    org.create_default_sales_channels()
    user = User.objects.create_user(f'{org.slug}@example.org', PASSWORD, locale='en', timezone='UTC', fullname='Lab Organizer')
    events = {e['slug']: event(org, e) for e in spec['events']}
    teams = {t['name']: team(org, user, t) for t in spec['teams']}
    for slug, described in events.items():
        described['token'] = teams['admin']['token']
    return {
        'slug': org.slug, 'name': str(org.name), 'email': user.email, 'password': PASSWORD,
        'tokens': {name: t['token'] for name, t in teams.items()}, 'teams': teams, 'events': events,
        'oauth': oauth(org, user, spec['oauth_redirect']) if spec.get('oauth_redirect') else None,
    }


def team(org, user, spec):
    everything = spec.get('everything', False)
    events = spec.get('events') or []
    obj = org.teams.create(
        name=spec['name'], all_events=not events, all_event_permissions=everything, all_organizer_permissions=everything,
        limit_event_permissions=dict.fromkeys(spec.get('event_permissions') or [], True),
        limit_organizer_permissions=dict.fromkeys(spec.get('organizer_permissions') or [], True))
    obj.limit_events.set(Event.objects.filter(organizer=org, slug__in=events))
    if everything:
        obj.members.add(user)
    token = TeamAPIToken.objects.create(team=obj, name='lab')
    return {'id': obj.pk, 'token_id': token.pk, 'token': token.token}


def oauth(org, user, redirect):
    secret = secrets.token_hex(16)
    app = OAuthApplication.objects.create(
        name=f'{org.name} integration', user=user, client_id=secrets.token_hex(8), client_secret=secret, redirect_uris=redirect,
        client_type='confidential', authorization_grant_type='authorization-code')
    return {'client_id': app.client_id, 'client_secret': secret, 'redirect_uri': redirect}


def event(org, spec):
    start = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=60)
    ev = Event.objects.create(
        organizer=org, slug=spec['slug'], name=text(spec['name'], spec['german']), currency='EUR', live=not spec.get('offline'),
        is_public=True, testmode=spec.get('testmode', False), date_from=start, date_to=start + timedelta(days=2),
        has_subevents=bool(spec.get('subevents')), plugins=PLUGINS)
    ev.set_defaults()
    for key, value in SETTINGS.items():
        ev.settings.set(key, value)
    dates = [ev.subevents.create(name=text(f'Date {n + 1}', f'Termin {n + 1}'), active=True,
                                 date_from=start + timedelta(days=7 * n)) for n in range(spec.get('subevents') or 0)]
    return {'organizer': org.slug, 'slug': ev.slug, 'name': spec['name'], 'subevents': [d.pk for d in dates],
            **products(ev, dates)}


def products(ev, dates):
    """Four tickets, one of them with variations, and a workshop that can be added to it."""
    tickets = ev.categories.create(internal_name='tickets', name=text('Tickets', 'Tickets'))
    extras = ev.categories.create(internal_name='extras', name=text('Extras', 'Extras'), is_addon=True)

    def item(english, german, price, **options):
        options.setdefault('category', tickets)
        options.setdefault('admission', True)
        return ev.items.create(name=text(english, german), default_price=Decimal(price),
                               personalized=options['admission'], **options)

    ticket = item('Ticket', 'Eintrittskarte', 100)
    online = item('Online ticket', 'Online-Ticket', 20)
    free = item('Free ticket', 'Freikarte', 0)
    approval = item('Speaker ticket', 'Vortragenden-Ticket', 0, require_approval=True)
    workshop = item('Workshop', 'Arbeitskreis', 30, category=extras, admission=False)
    regular = ticket.variations.create(value=text('Regular', 'Normal'), default_price=Decimal(100))
    student = ticket.variations.create(value=text('Student', 'Ermäßigt'), default_price=Decimal(40))
    ticket.addons.create(addon_category=extras, min_count=0, max_count=2)
    for date in dates or [None]:
        quota = ev.quotas.create(name='all', size=None, subevent=date)
        quota.items.set([ticket, online, free, approval, workshop])
        quota.variations.set([regular, student])
    return {
        'items': {'ticket': ticket.pk, 'online': online.pk, 'free': free.pk, 'approval': approval.pk, 'workshop': workshop.pk},
        'variations': {'regular': regular.pk, 'student': student.pk},
        'questions': questions(ev, [ticket, online, free, approval]),
    }


def questions(ev, items):
    matrix = ev.questions.create(identifier='matrix', question=text('Your Matrix ID', 'Deine Matrix-ID'), required=False,
                                 help_text=text('Like @ada:example.org', 'Wie @ada:example.org'), type=Question.TYPE_STRING,
                                 position=1)
    diet = ev.questions.create(identifier='diet', question=text('Diet', 'Ernährung'), required=False,
                               type=Question.TYPE_CHOICE, position=2)
    diet.options.create(answer=text('Vegan', 'Vegan'), identifier='vegan')
    diet.options.create(answer=text('Everything', 'Alles'), identifier='everything')
    for question in (matrix, diet):
        question.items.set(items)
    return {'matrix': matrix.pk, 'diet': diet.pk}
