"""Migrations of the database. Never change one that has been released; add another."""
