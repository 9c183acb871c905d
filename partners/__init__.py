"""Partners: who sends us business, how they stand with us, and why."""
