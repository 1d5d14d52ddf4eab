"""Archives of every kind, and what the readers that people use make of them."""
