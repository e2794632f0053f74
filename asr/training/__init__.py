"""Building of a recognition model: `python -m asr.training --help`; needs the extra `training`."""
