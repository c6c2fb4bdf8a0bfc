"""What a service is worth: Medicare's fee schedules, a payer's contract, and what of it the patient owes."""
