"""The desks of an office, in the order of its day. Each is `work(place, day) -> counts`; new desks join the list."""
