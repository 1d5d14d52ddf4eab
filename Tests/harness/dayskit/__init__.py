"""Days whose truth is known, through the real programs: what is missing, and what live, audit and pages say of it."""
