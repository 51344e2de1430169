"""Every write of a réparation."""
