"""What can go wrong, and when: faults are small frozen values, rules say when they strike."""
