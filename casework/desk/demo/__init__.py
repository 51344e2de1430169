"""The fictitious town: Miramont, 26 000 inhabitants, three sectors. Everybody in it is invented."""
