"""Pages of figures: read what is published, prepare what will be."""
