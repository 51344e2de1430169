"""What the screens of known returns need, opened under the read gate."""
