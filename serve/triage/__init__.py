"""Triage: files of complaints become jobs whose rows are classified, ranked and reviewed."""
