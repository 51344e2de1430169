"""What changes: ends recorded, sheets filled and signed, questions answered, the switch of a service."""
