"""Shared fixtures; the folder itself is on the path, so that tests share doubles by ``from conversation.doubles import …``."""
