"""observer spark held against one machine."""
