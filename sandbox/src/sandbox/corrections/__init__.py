"""ministack, corrected where AWS behaves otherwise: all that touches its private names, one module a concern."""
