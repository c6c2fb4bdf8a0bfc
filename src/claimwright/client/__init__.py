"""The typed client of Claimwright's API: `Client(address, token)`, its calls by subject, and the proof of a webhook.

Needs httpx and msgspec, nothing of the server. `structs` and `calls` are written from the served description
(`python -m claimwright.web.api.write_client`); a test holds them to it.
"""

from claimwright.client.client import Client
from claimwright.client.core import Answer, ApiError, NoAnswer
from claimwright.client.signatures import SignatureRefused, WebhookEvent, verify

__all__ = ["Answer", "ApiError", "Client", "NoAnswer", "SignatureRefused", "WebhookEvent", "verify"]
