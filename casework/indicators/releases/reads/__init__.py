"""What the screens of figures need. Only `atoms` opens counts, for the system."""
