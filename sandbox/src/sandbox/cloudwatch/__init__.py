"""What of CloudWatch is the sandbox's own: how alarms are evaluated."""
