"""The Journal: what the data protection officer reads, watches and prints.

It stands on the top floor because it speaks of all the others: events of audit, names of partners, references of
every subject. It opens no sealed value; subjects tell it references through `casefile.watch`.
"""
