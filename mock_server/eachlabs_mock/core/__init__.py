"""What everything else is made of: time, chance, predictions, limits, money, refusals. Pure."""
