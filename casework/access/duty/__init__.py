"""Who is on duty for a service, and who may open a record in an emergency: dated, named by somebody else."""
