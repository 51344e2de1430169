"""The directory on screen: services, people and their functions, rules, charter; a lead's own service."""
