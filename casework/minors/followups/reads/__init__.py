"""What the screens need of situations: opened under the read gate, returned as frozen records."""
