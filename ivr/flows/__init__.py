"""The flow files that ship with Menling; see docs/flows.md."""
