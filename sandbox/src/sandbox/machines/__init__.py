"""The machines: processes, containers, the model server, and plain HTTP."""
