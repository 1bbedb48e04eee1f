"""The installation into this checkout. Any Python 3.7 or newer can run it, to say that another one is needed."""
