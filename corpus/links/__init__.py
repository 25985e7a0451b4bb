"""Which test tests which function, from what the sources say: names, calls, imports."""
