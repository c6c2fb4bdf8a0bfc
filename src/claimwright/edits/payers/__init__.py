"""Example profiles, one module a payer or kind of payer. A practice starts from one and sets its payer's own values."""
