"""What the services share: contracts, the stream core, the web frame, the calendar, the rules."""
