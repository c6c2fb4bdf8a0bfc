"""Every operation of the API, under /api/v1/."""

from claimwright.web.api import (  # noqa: F401 - each module declares its operations
    of_bank,
    of_claims,
    of_denials,
    of_documents,
    of_edi,
    of_eligibility,
    of_files,
    of_following,
    of_ledger,
    of_office,
    of_patients,
    of_payments,
    of_remittances,
    of_reports,
    of_setup,
    of_statements,
    of_visits,
    of_webhooks,
    of_worklists,
)
from claimwright.web.api.framework import api

api_urls = api.urls
