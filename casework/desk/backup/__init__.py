"""Copies that leave the machine, and the proof that they come back (R-01, R-02).

On floor 7 because a copy is of everything: rows of every room, logs of the journal, erasures to replay. Ciphers stay
in `sealing.box`.
"""
