"""Those who fetch pages in the Python benchmark, one a module: how each opens a client and fetches keys."""
