"""The commands of eachlabs-contract."""
