"""Sends webhooks in the background, as Celery does in production.

Without Celery Pretix sends them inside the web request and repeats a failed one at once. Here Pretix's own task runs on a thread,
after the delay that Pretix asks for, so that a receiver which hangs hinders nobody and retries come when they would.
"""
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections, transaction
from pretix.api import webhooks

log = logging.getLogger(__name__)
pool = ThreadPoolExecutor(32, thread_name_prefix='webhook')


def send(args, kwargs):
    try:
        webhooks.send_webhook.apply(args=args, kwargs=kwargs)
    except Exception:
        log.exception('webhook not sent')
    finally:
        connections.close_all()


def apply_async(args=(), kwargs=None, countdown=0, **options):
    def go():
        if not countdown:
            pool.submit(send, args, kwargs or {})
            return
        timer = threading.Timer(countdown, pool.submit, (send, args, kwargs or {}))
        timer.daemon = True
        timer.start()

    transaction.on_commit(go)


def install():
    webhooks.send_webhook.apply_async = apply_async
