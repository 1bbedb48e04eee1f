"""Models behind names: configurations, endpoints, their model servers, and the way of a request to them."""
