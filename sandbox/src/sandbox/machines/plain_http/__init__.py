"""Plain HTTP/1.1 between local processes: a head, then exactly Content-Length bytes.

A general HTTP implementation in Python costs each message of an invocation a sixth of a millisecond or more; this form
takes a tenth of that. Other messages are left to a general implementation, or are an error.
"""
