"""Models that are paid for, as data: what they can do, what they cost, and what a question would come to."""
