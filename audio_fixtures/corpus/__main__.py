"""`python -m audio_fixtures.corpus` makes the sound of every recording."""

from __future__ import annotations

import sys

from audio_fixtures.corpus.build import main

sys.exit(main())
