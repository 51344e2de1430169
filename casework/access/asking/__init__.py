"""« Demander l’accès »: by the reference heard, answered by whoever answers for the file.

The one who asks gets the same answer whether or not there is such a file.
"""
