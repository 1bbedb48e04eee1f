"""Rules on the events of AWS's services: where they lead, and what a person reads."""
