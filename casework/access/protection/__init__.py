"""« Adresse à ne pas communiquer »: set by hand on one person of one subject, without a reason; nothing propagates."""
