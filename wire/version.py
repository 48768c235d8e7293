"""The version of the wire, which stands in every topic.

It counts changes that an older program cannot read. Additions (a field, a kind, an element at the end of a row) leave
it as it is: whoever does not know them passes over them.
"""

VERSION = 1
