"""Practices that live in simulated time: set up, fed, and worked through the same services as the screens."""
