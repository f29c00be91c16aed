"""What comes of replies: looking at how they stand, reading who answers or speaks to us, and what a no does."""
