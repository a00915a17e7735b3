"""What judgement learns from, and how it is measured."""
