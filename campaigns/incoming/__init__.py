"""What comes in while campaigns run: live events, watched folders, objections, times of nodes."""
