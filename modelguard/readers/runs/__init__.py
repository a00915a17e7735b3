"""What training runs leave behind: event files, logs of experiment trackers."""
