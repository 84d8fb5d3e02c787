"""How two legs move together: correlation, regression, tails."""
