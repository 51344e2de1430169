"""Forms of situations: closed lists, date order, the words of each error."""
