"""A simulated year: three practices bill some 20,000 claims, and every cent is asked after every day."""
