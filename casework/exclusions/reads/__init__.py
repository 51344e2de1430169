"""What the pages of exclusion support show: frozen values, opened under audit."""
