"""The commands of eachlabs-mock."""
