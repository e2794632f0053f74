"""The console in the browser: pages made on the server, in a process of its own."""
