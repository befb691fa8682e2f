"""What can be done, one operation a file: plain functions with frozen results, which the command line and the Python door call.

The only room that joins targets, runs and models.
"""
