"""The rules of tools/tidy.py, one file a rule or a family of rules that read the same thing."""
