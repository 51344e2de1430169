"""What the dashboard shows: frozen values, made inside the read gate."""
