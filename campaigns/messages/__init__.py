"""What goes out beside calls: webhooks, rows of other databases, SMS and e-mail."""
