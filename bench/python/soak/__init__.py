"""The soak: hours of a service in minutes, with everything on that a process can meet."""
