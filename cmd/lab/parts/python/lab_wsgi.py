"""Pretix's WSGI application with three things around it: static files, the lab's own operations, webhooks in the background."""
import hmac
import json
import mimetypes
import os
import traceback
from wsgiref.util import FileWrapper

from pretix.wsgi import application as pretix_app

from django.conf import settings
from django.db import connections

import lab_hooks
import lab_operations

ROOTS = {settings.STATIC_URL: settings.STATIC_ROOT, settings.MEDIA_URL: os.path.join(settings.MEDIA_ROOT, 'pub')}
PREFIX = '/__lab__/'

lab_hooks.install()


def static(environ, start_response):
    """Serve a file that Pretix leaves to a web server in front of it, or return None."""
    path = environ.get('PATH_INFO', '')
    for prefix, root in ROOTS.items():
        full = os.path.realpath(os.path.join(root, path[len(prefix):]))
        if path.startswith(prefix) and full.startswith(os.path.realpath(root) + os.sep) and os.path.isfile(full):
            start_response('200 OK', [
                ('Content-Type', mimetypes.guess_type(full)[0] or 'application/octet-stream'),
                ('Content-Length', str(os.path.getsize(full))),
            ])
            return FileWrapper(open(full, 'rb'))


def operation(environ, start_response):
    """Run the operation that the path names, with the JSON of the body, and answer with JSON."""
    status, answer = '200 OK', None
    try:
        if not hmac.compare_digest(environ.get('HTTP_X_LAB_SECRET', ''), os.environ['LAB_SECRET']):
            status, answer = '403 Forbidden', 'wrong secret'
        else:
            body = environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
            answer = lab_operations.run(environ['PATH_INFO'][len(PREFIX):], json.loads(body))
    except Exception:
        status, answer = '500 Internal Server Error', traceback.format_exc()
    finally:
        connections.close_all()
    text = json.dumps(answer).encode()
    start_response(status, [('Content-Type', 'application/json'), ('Content-Length', str(len(text)))])
    return [text]


def application(environ, start_response):
    if environ.get('PATH_INFO', '').startswith(PREFIX):
        return operation(environ, start_response)
    return static(environ, start_response) or pretix_app(environ, start_response)
