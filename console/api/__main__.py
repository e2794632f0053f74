"""Prints the contract of the API as JSON: `python -m console.api > docs/openapi.json`."""

from __future__ import annotations

import sys

from console.api.mounting import contract_text

sys.stdout.write(contract_text())
