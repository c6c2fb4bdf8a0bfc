"""The table of claim states in the database: a trigger refuses every step that `billing.lifecycle` does not list."""

from __future__ import annotations

from django.conf import settings
from django.db import connections

from claimwright.billing.lifecycle import ANY_UNSENT, TABLE, State

TRIGGER = """
CREATE OR REPLACE FUNCTION claimwright_claim_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE came_from text := CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.state END;
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state = NEW.state THEN RETURN NEW; END IF;
  IF NOT EXISTS (SELECT 1 FROM submissions_allowedtransition
                 WHERE from_state = came_from AND to_state = NEW.state) THEN
    RAISE EXCEPTION 'no claim goes from "%" to "%"', came_from, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER claim_step BEFORE INSERT OR UPDATE OF state ON submissions_claimversion
  FOR EACH ROW EXECUTE FUNCTION claimwright_claim_step();
"""


def allowed_transitions() -> list[tuple[str, str]]:
    """(from, to) of every step a version may take; a new version starts from nothing."""
    steps = {(source.value, rule.target.value) for rule in TABLE if not rule.new_version for source in rule.source}
    steps |= {(State.ON_HOLD.value, state.value) for state in ANY_UNSENT}
    return sorted(steps)


def secure_transitions(alias: str) -> None:
    """Bring table and trigger up to date, as the owner; the serving role may only read the table."""
    role = settings.DATABASES["default"]["USER"]
    steps = allowed_transitions()
    with connections[alias].cursor() as cursor:
        cursor.execute(
            """INSERT INTO submissions_allowedtransition (from_state, to_state)
               SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING""",
            [[source for source, _ in steps], [target for _, target in steps]],
        )
        cursor.execute(
            """DELETE FROM submissions_allowedtransition WHERE (from_state, to_state) NOT IN
               (SELECT * FROM unnest(%s::text[], %s::text[]))""",
            [[source for source, _ in steps], [target for _, target in steps]],
        )
        cursor.execute(TRIGGER)
        cursor.execute(f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON submissions_allowedtransition FROM "{role}"')
