"""The server's port: plain requests of the data plane go straight to it, everything else to the general gateway.

A request through the gateway costs about a millisecond of one core (a general HTTP server, then the routing of every
service); the fast path costs a tenth of that. It serves only what is plain HTTP and allowed: whatever is odd, too large
or refused goes the general way, which says why.
"""
