"""Pretix's own settings, and what a throw-away instance needs beyond them. Everything that pretix.cfg can say is said there."""
import os

from pretix.settings import *  # noqa: F401,F403
from pretix.settings import DATA_DIR, DATABASES, OAUTH2_PROVIDER

# No mail server: each mail becomes a file.
EMAIL_BACKEND = EMAIL_CUSTOM_SMTP_BACKEND = 'django.core.mail.backends.filebased.EmailBackend'
EMAIL_FILE_PATH = os.path.join(DATA_DIR, 'mail')

# Callbacks of OAuth clients on this machine have no TLS.
OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, 'ALLOWED_REDIRECT_URI_SCHEMES': ['http', 'https']}

# The real hasher takes half a second of CPU per login.
PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']

# Sessions would be database writes for mere reads.
SESSION_ENGINE = 'django.contrib.sessions.backends.file'
SESSION_FILE_PATH = os.path.join(DATA_DIR, 'sessions')
os.makedirs(SESSION_FILE_PATH, exist_ok=True)

if DATABASES['default']['ENGINE'].endswith('sqlite3'):
    # Threads queue for the one write lock instead of failing with "database is locked".
    DATABASES['default']['OPTIONS'] = {
        'timeout': 30,
        'init_command': 'PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;',
        'transaction_mode': 'IMMEDIATE',
    }
