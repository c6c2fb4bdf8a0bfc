"""A pretend clearinghouse and its payers: reads 837P and answers TA1, 999, 277CA and 835 from its own rules.

It runs as its own process, has no wall clock and shares no mapping and no judgement with what it tests.
"""
