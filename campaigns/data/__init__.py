"""What goes wrong with deliveries, and who makes it good: data that an operator may replace."""
