"""The control plane under /__mock: routes, the guard, what an owner can do, and a client of it."""
