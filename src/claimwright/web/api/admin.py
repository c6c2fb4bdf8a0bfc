"""Rows of this app in the back room. What was answered and the hashes of tokens are nobody's to change."""

from claimwright.web.api import models
from claimwright.web.core.admin import register

register(look_only=(models.ApiToken, models.KeptAnswer, models.WebhookEndpoint, models.WebhookDelivery))
