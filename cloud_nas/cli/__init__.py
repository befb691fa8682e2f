"""The command line: parse, call an operation, print. Decides nothing.

One file a command group; `main.py` knows the commands by name only and imports a group when it is called. What may be printed
where is `output.py`'s, how a failure becomes words and an exit status is `failures.py`'s.
"""
