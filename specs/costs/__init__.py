"""The costs and quotas of an environment, computed from its declarations and AWS's list prices. Nothing is asked."""
