"""The replay of Octo's story: one load and one origin, and the same service in several languages, one at a time."""
