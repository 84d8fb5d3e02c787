"""Whether one leg's past says something of the other's future."""
