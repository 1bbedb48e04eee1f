"""The server's port: a fast path for plain data-plane requests, the gateway for all others.

A request through the gateway costs about a millisecond of one core (a general HTTP server, then the routing of every
service); the fast path costs a tenth of that. It serves only plain and allowed HTTP requests: an unusual, too large or
refused request goes to the gateway, which answers with the reason.
"""
