"""Work in a process of its own: what it loads leaves memory with it, once nobody has asked it for a while.

A service starts no thread's fork: the worker is a program, `python -m MODULE`, which answers frames on its standard
streams and ends with its standard input, so also with a service that is killed.
"""
