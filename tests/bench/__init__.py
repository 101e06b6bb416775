"""make bench: fill a database with N cases by COPY, drive the web server over HTTP, print JSON.

A case count and a machine are part of every figure; nothing here is a test with a limit.
"""
