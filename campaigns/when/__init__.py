"""When people may be called: hours, kinds of days, jurisdictions, caps, the latest useful time."""
