"""The pages of situations: fetch by reads, or validate and call one action."""
