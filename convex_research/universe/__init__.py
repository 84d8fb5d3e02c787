"""Many instruments: every pair measured as on its own page, and what differs beyond chance."""
