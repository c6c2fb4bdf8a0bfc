"""The nouns of billing, and their ways to and from the wire, FHIR and CSV. Decides nothing, touches no money."""
