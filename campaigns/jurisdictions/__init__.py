"""What the law and good practice of a country say about when people may be rung, as data."""
