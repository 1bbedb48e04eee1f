"""What ministack holds, saved and given back, and what was under way brought to an end."""
