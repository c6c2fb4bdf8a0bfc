"""Addresses that hang on no role, each with why: the way in, a patient's own, one's own; and spaces with doors of their own."""

from __future__ import annotations

PUBLIC: dict[str, str] = {
    "login": "the way in",
    "logout": "the way out, for whoever is in",
    "second_factor": "the second step, for whoever has given a password: the page asks",
    "enrol": "setting up the first second factor, for whoever has given a password: the page asks",
    "passkey_options": "what a browser asks a passkey for: says nothing of anybody",
    "passkey_sign_in": "the way in by a passkey",
    "sign_in_again": "the way in again under a page that was kept: proves the same person",
    "sign_in_link": "a newcomer's way in, by a manager's link",
    "session_state": "whether one's own session goes on",
    "session_alive": "the person works: extends one's own session",
    "session_end": "nobody works: ends one's own session",
    "portal_code": "a patient's way in, by the code on a statement",
    "portal_link": "a patient's way in, by the link of a statement",
    "portal_statement": "behind that link: the page checks it",
    "portal_pdf": "behind that link: the page checks it",
    "portal_explain": "behind that link: the page checks it",
    "portal_pay": "behind that link: the page checks it",
    "portal_write": "behind that link: the page checks it",
    "portal_leave": "the way out of the portal",
    "checkout": "a payment's own unguessable address",
    "checkout_receipt": "a payment's own unguessable address",
    "card_message": "what a card processor tells us, proved by its signature",
    "healthz": "whether the process answers: says nothing else",
    "readyz": "whether it may be given work: names no tenant",
    "metrics": "counts for machines: for whoever has the token, or is on this machine; the view asks",
    "card_sandbox": "the pretend card processor, where it is set up",
}
OWN: dict[str, str] = {
    "my_sign_in": "one's own password, second factor and sessions",
    "change_password": "one's own",
    "add_second_factor": "one's own; asks for the password",
    "remove_second_factor": "one's own; asks for the password",
    "renew_recovery_codes": "one's own; asks for the password",
    "end_other_sessions": "one's own",
}
OPEN_SPACES: dict[str, str] = {
    "api": "programs only: web/api/door.py asks each for its token, and for the permission of this table its operation names",
    "admin": "staff only; Django's administration asks for its own sign-in and permissions, and lists one tenant's rows",
}
