"""Manners: rules for a well-behaved caller of the API, and the verdicts on a caller from its journal."""

from eachlabs_contract.manners.account import CONDUCT_MEANINGS, Account, Spend
from eachlabs_contract.manners.capacity import Capacity
from eachlabs_contract.manners.catalogue import MANNERS, BadMannersError, UnknownMannerError, check_manners, find_manner
from eachlabs_contract.manners.manner import Conduct
from eachlabs_contract.manners.prices import PAGE_PRICES, price_list
from eachlabs_contract.manners.traffic import (
    api_calls,
    arrival_time,
    create_calls,
    ends_seen,
    event_name,
    polls_by_prediction,
)
from eachlabs_contract.manners.wording import counted, usd, violation_lines

__all__ = [
    "CONDUCT_MEANINGS", "MANNERS", "PAGE_PRICES", "Account", "BadMannersError", "Capacity", "Conduct", "Spend",
    "UnknownMannerError", "api_calls", "arrival_time", "check_manners", "counted", "create_calls", "ends_seen",
    "event_name", "find_manner", "polls_by_prediction", "price_list", "usd", "violation_lines",
]  # fmt: skip
