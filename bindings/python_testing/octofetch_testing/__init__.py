"""Brings the program of the scripted origin, which `octofetch.testing.Origin` starts."""

from pathlib import Path

ORIGIN = Path(__file__).with_name("octo-origin")
