"""Says in a line how a run goes."""

from collections import Counter

from eachlabs_mock.load.counters import Tally, total


def line(tally: Tally, seconds: int) -> str:
    """Return how it went in the last *seconds* of *tally*, which holds one at least; the present one is not over."""
    first, last = min(tally.seconds), max(tally.seconds)
    counts = sum(
        (tally.seconds[each].counts for each in range(last - seconds, last) if each in tally.seconds), Counter()
    )
    refused, errors = total(counts, "refused:"), total(counts, "error:")
    return (
        f"eachlabs-mock: {last - first:4} s: {counts['answered'] / seconds:.1f} requests a second answered, "
        f"{refused / seconds:.1f} refused, {errors / seconds:.1f} errors; "
        f"{counts['done'] * 60 / seconds:.0f} predictions a minute"
    )
