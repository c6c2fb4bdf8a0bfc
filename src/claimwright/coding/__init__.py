"""What the note supports: visit levels, global periods, anesthesia, drugs, modifiers, diagnoses, queries to providers.

Nothing here writes or decides a code. A function says what is documented, what it would support, and what is missing;
a person chooses. Nothing suggests a diagnosis that the note does not hold.
"""
