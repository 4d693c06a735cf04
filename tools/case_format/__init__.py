"""The format of the behaviour cases (tests/cases/README.md): reading, checking and writing it as C tables."""
